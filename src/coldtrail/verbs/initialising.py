"""The verb `init`: a settings file in which every line is explained, and what an account has to allow."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from coldtrail.errors import ColdtrailError, ConfigError
from coldtrail.service.permissions import OWN, Need, needs_of, policies_of
from coldtrail.service.settings import live_settings_from
from coldtrail.service.settings_file import Chosen, settings_file
from coldtrail.store.whole_file import write_whole


class Initialised(NamedTuple):
    """What was written, and what it needs."""

    path: Path
    needs: tuple[Need, ...]
    policies: dict[str, dict[str, Any]]
    """By the ARN of the role that needs it; empty for what the service runs as."""
    notes: tuple[str, ...]


def initialise(
    path: Path, chosen: Chosen, *, force: bool = False, environment: Mapping[str, str] | None = None
) -> Initialised:
    """Writes the settings; raises `ConfigError` where a file is there already and `force` is not given."""
    text = settings_file(chosen)
    settings = live_settings_from(tomllib.loads(text), str(path))
    needs = needs_of(settings, os.environ if environment is None else environment)
    if force:
        write_whole(path, [text.encode()])
    else:
        _write_new(path, text.encode())
    return Initialised(path, needs.needs, policies_of(needs.needs, chosen.account), needs.unknown)


def write_policies(path: Path, policies: Mapping[str, Mapping[str, Any]]) -> list[Path]:
    """Writes each policy as a file of its own: the service's under the path, a role's with its name in it."""
    written = []
    for role, policy in policies.items():
        place = path if role == OWN or len(policies) == 1 else _of_role(path, role)
        write_whole(place, [json.dumps(policy, indent=2).encode(), b"\n"])
        written.append(place)
    return written


def _of_role(path: Path, role: str) -> Path:
    account, name = role.split(":")[4:5], role.rpartition("/")[2]
    return path.with_name(f"{path.stem}.{'.'.join([*account, name])}{path.suffix}")


def _write_new(path: Path, text: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError(
            f"{path}: there is a file already; --force writes it anew, --config names another."
        ) from None
    except OSError as error:
        raise ColdtrailError(f"{path}: the file cannot be written: {error.strerror}.") from None
