"""OCSF 1.6.0 Detection Findings, to a webhook or to a file that grows by a line each.

Source of names and numbers: https://schema.ocsf.io/1.6.0/classes/detection_finding?extensions=
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from msgspec import Struct

from coldtrail.errors import ConfigError
from coldtrail.notifiers.bounds import as_json, bounded
from coldtrail.notifiers.deadline import DEADLINE_S
from coldtrail.notifiers.http import endpoint, post
from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.notifiers.secret import secret
from coldtrail.notifiers.webhook import message_id
from coldtrail.records.delivery import Message
from coldtrail.records.intake import Permission
from coldtrail.version import __version__

_CREATE, _UPDATE, _CLOSE = (1, "Create"), (2, "Update"), (3, "Close")
_ACTIVITIES = {"trigger": _CREATE, "update": _UPDATE, "resolve": _CLOSE, "digest": _CREATE}
_SEVERITIES = {"low": 2, "medium": 3, "high": 4, "critical": 5}
_MOST_BYTES = 240_000


class OcsfSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[notify]] kind = "ocsf"`"""

    path: str = ""
    """A file that a line is appended to; either this or an address."""
    url_env: str = ""
    """Name of the environment variable with an address that each finding is posted to."""
    token_env: str = ""
    """Name of the environment variable with a token that is sent as `Authorization: Bearer`."""
    ca_file: str = ""
    """Path of certificates in PEM to trust in place of the system's."""
    timeout_s: float = DEADLINE_S
    """How long it may take until the message is taken, in seconds, 25 at most."""


class OcsfNotifier:
    """Hands each finding on, created, updated or closed under the alert's id."""

    Settings: ClassVar[type[Struct]] = OcsfSettings
    digests: ClassVar[bool] = False

    def __init__(self, settings: OcsfSettings, environment: Mapping[str, str]) -> None:
        if bool(settings.path) == bool(settings.url_env):
            raise ConfigError("path, url_env: name a file or an address, one of them.")
        self._path = Path(settings.path) if settings.path else None
        self._headers = {"Content-Type": "application/json"}
        if settings.token_env:
            token = secret(environment, settings.token_env, "token_env")
            self._headers["Authorization"] = f"Bearer {token}"
        if settings.url_env:
            url = secret(environment, settings.url_env, "url_env")
            told = f"The address for findings ({settings.url_env})"
            self._to = endpoint(url, told, settings.timeout_s, settings.ca_file)

    def send(self, message: Message) -> None:
        """Posts or appends the finding."""
        told = bounded(message)
        line = finding_of(told)
        if self._path is not None:
            _append(self._path, line + b"\n")
            return
        post(self._to, line, self._headers | {"Idempotency-Key": message_id(told.dedup_key, line)})

    def needs(self) -> Sequence[Permission]:
        """No permission of an account."""
        return ()


def _append(path: Path, line: bytes) -> None:
    """Appends the line, on disk when it returns; ends one before that a crash cut off."""
    try:
        number = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with open(number, "r+b", buffering=0) as file:
            end = file.seek(0, os.SEEK_END)
            if end:
                file.seek(end - 1)
                line = line if file.read(1) == b"\n" else b"\n" + line
            if file.write(line) != len(line):
                raise OSError
            os.fsync(number)
    except OSError as error:
        why = (error.strerror or "cut off").lower()
        raise DeliveryError(
            f"{path}: the finding cannot be written ({why}); it is tried again.", retryable=True
        ) from None


def finding_of(message: Message) -> bytes:
    """The finding of the alert, with what this message says of it; a plain one where it has none."""
    found = _given(message.finding) or _plain(message)
    activity, name = _ACTIVITIES[message.what]
    found |= {
        "activity_id": activity,
        "activity_name": name,
        "type_uid": 200400 + activity,
        "type_name": f"Detection Finding: {name}",
        "severity_id": _SEVERITIES[message.severity],
        "severity": message.severity.capitalize(),
        "count": message.count,
        "time": _millis(message.at),
    }
    if message.what == "resolve":
        found |= {"status_id": 4, "status": "Resolved"}
    body = as_json(found)
    return body if len(body) <= _MOST_BYTES else as_json(_plain(message) | _of(found))


def _given(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line) if line else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _of(found: dict[str, Any]) -> dict[str, Any]:
    """What is short of a finding that is too long."""
    return {name: one for name, one in found.items() if isinstance(one, int | str) and name != "message"}


def _plain(message: Message) -> dict[str, Any]:
    return {
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "status_id": 1,
        "status": "New",
        "is_alert": True,
        "message": message.title,
        "metadata": {
            "version": "1.6.0",
            "product": {"name": "Coldtrail", "vendor_name": "Coldtrail", "version": __version__},
            "uid": message.alert_id,
        },
        "finding_info": {
            "uid": message.alert_id,
            "title": message.title,
            "desc": "\n".join(message.lines),
            "first_seen_time": _millis(message.first_seen),
        },
    }


def _millis(seconds: float) -> int:
    return round(seconds * 1000) if math.isfinite(seconds) else 0
