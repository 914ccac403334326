"""Secrets by the names of environment variables: their values stand in no setting and in no sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping

from coldtrail.errors import ConfigError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


def secret(environment: Mapping[str, str], variable: str, key: str) -> str:
    """What the variable holds that a setting names; raises `ConfigError` where it holds nothing of use."""
    if not _NAME.fullmatch(variable):
        raise ConfigError(f"{key}: give the name of an environment variable, which holds the secret.")
    found = environment.get(variable, "").strip()
    if not found:
        raise ConfigError(f"{key}: the environment variable {variable!r} is not set, or empty; set it.")
    if not found.isprintable():
        raise ConfigError(
            f"{key}: the environment variable {variable!r} holds characters that no secret has."
        )
    return found
