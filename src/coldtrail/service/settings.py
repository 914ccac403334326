"""The settings of the live service: in `coldtrail.toml` an unknown key is an error with its full path."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from coldtrail.config import MOST_LATENESS_S, Settings, settings_from, wrong_value
from coldtrail.errors import ConfigError
from coldtrail.policy import ChannelSettings, check_channel
from coldtrail.registry import LIVE_SOURCES, NOTIFIERS, load

T = TypeVar("T")
_MOST_BYTES = 2**20
_LATER = ("respond", "console", "ledger")
_OWN = ("service", "source", "notify", "learning", "privacy")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_COMMON = frozenset(ChannelSettings.__struct_encode_fields__)
SPOOL = "spool"
"""The name under which the spool keeps its position; no source is called so."""


class ServiceSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The service itself."""

    data: str = "coldtrail-data"
    """Folder of all that the service keeps; one service at a time uses it."""
    bundle: str = "model"
    """Folder of the bundle that `coldtrail train` or `coldtrail backfill` wrote."""
    database: str = ""
    """Empty for one SQLite file in `data`, or `postgresql://user@host/name` (password by `PGPASSWORD`)."""
    lateness_s: float | None = None
    """How long a trace may stay open, in seconds of event time, in place of `limits.lateness_s`."""
    workers: int = 0
    """Processes that judge. In this version one does, whatever stands here."""
    listen: str = "127.0.0.1:8420"
    """Where the status page, `/health` and `/metrics` answer; empty for nowhere."""
    address: str = ""
    """Where people reach the status page, `https://coldtrail.example.org`; messages link to it."""
    keep_flows_days: float = 30.0
    """How long verdicts and flows are kept, in days."""
    keep_decided_days: float = 365.0
    """How long closed alerts, cases and expired silences are kept, in days."""
    keep_verdicts: Literal["anomalous", "all"] = "anomalous"
    """Which verdicts are kept."""
    usual_flows: float = 0.001
    """The share of usual flows that are kept besides, so that an alert can be compared with them."""
    checkpoint_s: float = 10.0
    """After how many seconds at the latest what was read is committed, where there is no news."""
    witnesses: Literal["auto", "always", "never"] = "auto"
    """Whether flows wait for what other witnesses than traces tell (CloudTrail, Lambda's reports) from the
    first one on; `auto` waits where the folders at hand hold such, and else once one has come."""


class LearningSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What the service learns while it runs."""

    budget_alerts_per_day: float | None = None
    """The false-alarm budget that `/metrics` compares with, in alerts a day over all functions; by default
    what the bundle was trained for."""
    update: Literal["off", "daily"] = "off"
    """`daily`, which learns once a day by itself, comes with a later version: run `coldtrail update`."""
    quarantine_days: float = 1.0
    """How old a flow has to be before anything is learned of it."""


class PrivacySettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands for people and addresses."""

    key_env: str = "COLDTRAIL_PSEUDONYM_KEY"
    """The environment variable that holds the key of pseudonyms; where it is not set, the file beside the
    bundle does."""


class SourceTable(Struct, frozen=True):
    """One `[[source]]`."""

    kind: str
    name: str
    settings: Struct


class NotifyTable(Struct, frozen=True):
    """One `[[notify]]`, checked but for the secrets, which who tells nobody does not need."""

    kind: str
    name: str
    settings: Struct
    channel: ChannelSettings
    table: dict[str, Any]
    """As it stands in the file."""


class LiveSettings(Struct, frozen=True):
    """All settings of a service."""

    service: ServiceSettings
    sources: tuple[SourceTable, ...]
    notify: tuple[NotifyTable, ...]
    learning: LearningSettings
    privacy: PrivacySettings
    offline: Settings
    """The tables that `train` and `score` know."""
    has_limits: bool = False
    """Whether the file sets any limit; else those of the bundle hold."""
    origin: str = "coldtrail.toml"
    """The file, for messages about it."""


def load_live_settings(path: Path) -> LiveSettings:
    """The settings of a file; raises `ConfigError`, with the path of the wrong key."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ConfigError(f"{path}: a settings file holds {_MOST_BYTES:,} bytes at most.")
        raw = tomllib.loads(data.decode())
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: there is no such settings file; `coldtrail init` writes one, or name it with --config."
        ) from None
    except RecursionError:
        raise ConfigError(f"{path}: the settings are nested too deeply.") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: the settings cannot be read as TOML: {error}.") from None
    return live_settings_from(raw, str(path))


def live_settings_from(raw: dict[str, Any], origin: str) -> LiveSettings:
    """The settings of a plain dictionary; raises `ConfigError` with the path of the wrong key."""
    for later in _LATER:
        if later in raw:
            raise ConfigError(
                f"{origin}: {later}: this Coldtrail has no [{later}] yet, a later one will; remove the table."
            )
    known = {*_OWN, *Settings.__struct_fields__}
    for key in raw:
        if key not in known:
            raise ConfigError(
                f"{origin}: {key}: there is no such key; the known ones are: {', '.join(sorted(known))}."
            )
    offline = settings_from({key: value for key, value in raw.items() if key not in _OWN}, origin)
    service = _table(raw, "service", ServiceSettings, origin)
    _check(service, origin)
    sources = tuple(_source(*one, origin) for one in _tables(raw, "source", origin))
    channels = tuple(_channel(*one, origin) for one in _tables(raw, "notify", origin))
    _check_names([one.name for one in sources], "source", origin)
    _check_names([one.name for one in channels], "notify", origin)
    learning = _table(raw, "learning", LearningSettings, origin)
    privacy = _table(raw, "privacy", PrivacySettings, origin)
    _check_learning(learning, origin)
    return LiveSettings(service, sources, channels, learning, privacy, offline, "limits" in raw, origin)


def _table(raw: Mapping[str, Any], name: str, type: type[T], origin: str) -> T:
    return _converted(raw.get(name, {}), type, name, origin)


def _converted(raw: object, type: type[T], path: str, origin: str) -> T:
    """The record of a table; raises `ConfigError` with the full path of what is wrong."""
    try:
        return msgspec.convert(raw, type)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{origin}: {wrong_value(error, type, path)}") from None


def _tables(raw: Mapping[str, Any], name: str, origin: str) -> list[tuple[str, dict[str, Any]]]:
    """Each table of an array of tables, with its path."""
    tables = raw.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise ConfigError(f"{origin}: {name}: write each as a table of its own, [[{name}]].")
    return [(f"{name}[{number}]", one) for number, one in enumerate(tables)]


def _source(path: str, table: dict[str, Any], origin: str) -> SourceTable:
    kind, name, rest = _named(path, table, origin)
    member = _member(LIVE_SOURCES, kind, path, "source", origin)
    return SourceTable(kind, name, _converted(rest, member.Settings, path, origin))


def _channel(path: str, table: dict[str, Any], origin: str) -> NotifyTable:
    kind, _, _ = _named(path, table, origin)
    member = _member(NOTIFIERS, kind, path, "notifier", origin)
    common = {key: value for key, value in table.items() if key in _COMMON}
    own = {key: value for key, value in table.items() if key not in _COMMON}
    channel = _converted(common, ChannelSettings, path, origin)
    try:
        check_channel(channel)
    except ConfigError as error:
        raise ConfigError(f"{origin}: {path}.{error}") from None
    settings = _converted(own, member.Settings, path, origin)
    return NotifyTable(kind, channel.called, settings, channel, table)


def _named(path: str, table: dict[str, Any], origin: str) -> tuple[str, str, dict[str, Any]]:
    """Kind and name of a table, and its other keys."""
    rest = dict(table)
    kind = rest.pop("kind", None)
    if not isinstance(kind, str):
        raise ConfigError(f"{origin}: {path}.kind: say what kind it is.")
    name = rest.pop("name", kind)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigError(
            f"{origin}: {path}.name: give letters, digits, `-`, `_` and `.`, 64 of them at most."
        )
    return kind, name, rest


def _member(family: dict[str, str], kind: str, path: str, noun: str, origin: str) -> Any:
    try:
        return load(family, kind, noun)
    except ConfigError as error:
        raise ConfigError(f"{origin}: {path}.kind: {error}") from None


def _check_names(names: Sequence[str], table: str, origin: str) -> None:
    for number, name in enumerate(names):
        if name in names[:number] or (table == "source" and name == SPOOL):
            raise ConfigError(
                f"{origin}: {table}[{number}].name: {name!r} is taken already; give each a name of its own."
            )


def _check(service: ServiceSettings, origin: str) -> None:
    """Raises `ConfigError` for a value that is out of range."""
    ranges = {
        "lateness_s": (1.0, MOST_LATENESS_S),
        "workers": (0, 256),
        "keep_flows_days": (0.01, 3660),
        "keep_decided_days": (1, 3660),
        "usual_flows": (0.0, 1.0),
        "checkpoint_s": (0.1, 600.0),
    }
    for name, (least, most) in ranges.items():
        value = getattr(service, name)
        if value is not None and not least <= value <= most:
            raise ConfigError(f"{origin}: service.{name} is {value:g}; give {least:g} to {most:,.10g}.")
    if not service.data or not service.bundle:
        raise ConfigError(f"{origin}: service.data and service.bundle have to name a folder each.")
    if service.listen:
        address_of(service.listen, f"{origin}: service.listen")


def _check_learning(learning: LearningSettings, origin: str) -> None:
    budget = learning.budget_alerts_per_day
    if budget is not None and not 0 < budget < 1e9:
        raise ConfigError(f"{origin}: learning.budget_alerts_per_day is {budget:g}; give a number above 0.")
    if learning.update == "daily":
        raise ConfigError(
            f"{origin}: learning.update: this version does not learn by itself yet; leave it off, and run "
            "`coldtrail update`, with what `coldtrail alerts feedback` writes."
        )
    if not 0 <= learning.quarantine_days <= 366:
        raise ConfigError(f"{origin}: learning.quarantine_days must lie between 0 and 366.")


def address_of(listen: str, where: str) -> tuple[str, int]:
    """Host and port of `host:port`, or `[::1]:port`; raises `ConfigError` that begins with `where`."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise ConfigError(f"{where}: {listen!r} is no address; write host:port, as 127.0.0.1:8420.")
    return host.removeprefix("[").removesuffix("]"), int(port)
