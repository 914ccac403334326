"""The settings: one TOML file to frozen records; an unknown key is an error with its full path."""

from __future__ import annotations

import re
import tomllib
import warnings
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
from msgspec import Struct

from coldtrail.errors import ConfigError

_STAGE = "dev|devel|development|test|testing|qa|uat|stage|staging|preprod|prod|production|live|sandbox|demo"


_MOST_BYTES = 2**20
"""Of a settings file."""
_MOST = 2**40
"""No count or size is set to more."""
MOST_FOLDS = 100
MOST_LATENESS_S = 14 * 86_400
_AT = re.compile(r" - at `\$\.?([^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_MISSING = re.compile(r"missing required field `([^`]*)`")
_NO_CHOICE = re.compile(r"Invalid enum value (.*)", re.DOTALL)
_OTHER_TYPE = re.compile(r"Expected `([^`]*)`, got `([^`]*)`")
_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": "text in quotation marks",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "",
}
_BUDGETS = frozenset(("budget", "false_alarms_a_day", "alerts_a_day"))


class ApplicationRule(Struct, frozen=True, forbid_unknown_fields=True):
    """Functions whose whole name matches the pattern belong to the application.

    `application` may refer to groups of the pattern, as in `\\1`.
    """

    functions: str
    application: str


DEFAULT_APPLICATION_RULES = (
    # Serverless Framework: <service>-<stage>-<function>
    ApplicationRule(rf"(.+?)-(?:{_STAGE})-.+", r"\1"),
    # SAM and CloudFormation: <stack>-<LogicalId>-<12 or 13 random characters>
    ApplicationRule(r"(.+)-[A-Za-z0-9]+-[A-Za-z0-9]{12,13}", r"\1"),
)


class ApplicationSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Which application a function belongs to, where the telemetry does not say."""

    rules: tuple[ApplicationRule, ...] = ()
    """Tried first, in order; then the naming habits of common deployment tools."""
    default: str = "default"
    """For functions that no rule names."""


class LimitSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds on untrusted input."""

    max_document_bytes: int = 64 * 2**20
    """A larger document is refused."""
    max_expansion: int = 200
    """How many times larger than its file compressed telemetry may become (past 64 MiB)."""
    max_name_chars: int = 512
    """Longer names are cut, and end in a digest of the whole."""
    max_depth: int = 64
    """Of subsegments that are nested; deeper ones are left out."""
    max_events_per_flow: int = 10_000
    """A longer flow is cut, and says so."""
    max_open_events: int = 1_000_000
    """Events held while their traces may still grow; beyond it the oldest traces are closed."""
    lateness_s: float = 60.0
    """How long a trace must have been quiet, in seconds of event time, to be taken for complete."""
    witness_lateness_s: float = 900.0
    """How long a flow waits for what other witnesses than traces tell of it, in seconds of event time, where
    there are any: CloudTrail takes up to 15 minutes (https://aws.amazon.com/cloudtrail/faqs/)."""


MOST_RARE = 0.15
"""A larger share of a function's runs is not rare."""


class DetectionSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What may alarm, and how often."""

    detectors: tuple[str, ...] = ("sequence", "timing", "novelty", "presence")
    """Of single runs."""
    budget: float = 0.003
    """The share of benign flows that may alarm."""
    false_alarms_a_day: float = 0.0
    """In place of the budget, where above 0: as many as the learned flows' rate makes of it."""
    alerts_a_day: float = 0.0
    """In place of both, where above 0: as many alerts a day, over all functions, as people are to read."""
    hold_budget: bool = False
    """Whether to refuse a history too small for the budget. Where a file or a command asks for a budget it is
    meant to hold, unless this says otherwise."""
    hold_rare: float = 0.0
    """What fewer of a function's runs show than this share is not learned until a person calls it benign,
    unless something explains it; 0 learns everything."""
    ready_flows: int = 20
    """Learned flows below which a function is `not_ready`."""
    folds: int = 10
    """Parts of the history that are held out in turn to calibrate."""


class BaselineSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What is followed over time beside single runs: rates, resources, callers, places, credentials."""

    detectors: tuple[str, ...] = ("rates", "resources", "callers", "egress", "credentials", "changes")
    """None of them where empty."""
    alarms_a_function_day: float = 0.03
    """How often a function may alarm by chance, for each of rates, resources and the amounts of egress."""
    price_per_gb_second: float = 0.0000166667
    """In USD, by which denial of wallet is told in money: x86, first tier
    (https://aws.amazon.com/lambda/pricing/)."""
    price_per_million_requests: float = 0.20
    """In USD (https://aws.amazon.com/lambda/pricing/)."""
    least_cost_usd: float = 1.0
    """How much more than usual a function has to cost within a day for its cost to be told by itself; a tenth
    of it is a weak sign, and what is less is none."""
    country_file: str = ""
    """Path of a file of countries by address, in MaxMind's format; without one, no country is known."""


class FormatSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What telemetry looks like where its owner decides that."""

    access_log: dict[str, str] = {}
    """What the gateway's access log calls each of API Gateway's variables: `requestId = "rid"`."""
    vpc_flow: tuple[str, ...] = ()
    """The fields of flow logs without a header, as from CloudWatch Logs; else those of version 2."""


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of learning and scoring."""

    applications: ApplicationSettings = ApplicationSettings()
    limits: LimitSettings = LimitSettings()
    detection: DetectionSettings = DetectionSettings()
    formats: FormatSettings = FormatSettings()
    baselines: BaselineSettings = BaselineSettings()


def load_settings(path: Path | None) -> Settings:
    """The settings of a TOML file, or the defaults without one; raises `ConfigError`."""
    if path is None:
        return Settings()
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ConfigError(f"{path}: a settings file holds {_MOST_BYTES:,} bytes at most.")
        raw = tomllib.loads(data.decode())
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such settings file.") from None
    except RecursionError:
        raise ConfigError(f"{path}: the settings are nested too deeply.") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: the settings cannot be read as TOML: {error}.") from None
    return settings_from(raw, str(path))


def settings_from(raw: dict[str, Any], origin: str) -> Settings:
    """The settings of a plain dictionary; raises `ConfigError` with the path of the wrong key."""
    try:
        settings = msgspec.convert(_meant(raw), Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{origin}: {wrong_value(error, Settings)}") from None
    check_settings(settings, origin)
    return settings


def wrong_value(error: msgspec.ValidationError, type: type, path: str = "") -> str:
    """A sentence on what is wrong in the table of a record: the key with its full path, and what to give.

    `path` is where the table stands."""
    told = str(error)
    at = _AT.search(told)
    inside = at[1] if at else ""
    place, told = ".".join(filter(None, (path, inside))), _AT.sub("", told)
    fits = _type_at(type, inside)
    if unknown := _UNKNOWN.search(told):
        known = ", ".join(sorted(getattr(fits, "__struct_encode_fields__", ())))
        more = f"; the known ones are: {known}" if known else ""
        return f"{_key(place, unknown[1])}: there is no such key{more}."
    if missing := _MISSING.search(told):
        return f"{_key(place, missing[1])}: it has to be given."
    if (other := _NO_CHOICE.search(told)) and (choices := ", ".join(map(str, get_args(fits)))):
        return f"{place}: {other[1]} is none of these: {choices}."
    if other := _OTHER_TYPE.search(told):
        wanted = " or ".join(filter(None, (_TYPES.get(one, one) for one in other[1].split(" | "))))
        return f"{place}: give {wanted}, not {_TYPES.get(other[2]) or other[2]}."
    return f"{place}: {told}."


def _key(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _type_at(type: Any, inside: str) -> Any:
    """What a record, or what lies inside it, may be; None where that cannot be said."""
    for name in re.findall(r"[^.\[\]]+|\[[^\]]*\]", inside):
        parts = [one for one in get_args(type) if one is not ...]
        if name.startswith("["):
            type = next(iter(parts), None)
        else:
            records = [one for one in (type, *parts) if hasattr(one, "__struct_encode_fields__")]
            type = get_type_hints(records[0]).get(_attribute(records[0], name)) if records else None
    return type


def _attribute(record: Any, name: str) -> str:
    renamed: dict[str, str] = dict(
        zip(record.__struct_encode_fields__, record.__struct_fields__, strict=True)
    )
    return renamed.get(name, name)


def _meant(raw: dict[str, Any]) -> dict[str, Any]:
    """The dictionary with `hold_budget` set where a budget is given."""
    detection = raw.get("detection")
    if not isinstance(detection, dict) or _BUDGETS.isdisjoint(detection):
        return raw
    return raw | {"detection": {"hold_budget": True} | detection}


def check_settings(settings: Settings, origin: str, *, without_flows: bool = False) -> None:
    """Raises `ConfigError`, with its path, for a value that is out of range; `without_flows`, no detector of
    single runs need be named."""
    for rule in settings.applications.rules:
        try:
            with warnings.catch_warnings(action="ignore"):
                re.compile(rule.functions)
        except (re.error, OverflowError, RecursionError) as error:
            raise ConfigError(f"{origin}: applications.rules: {rule.functions!r}: {error}.") from None
    detection = settings.detection
    if not detection.detectors and not without_flows:
        raise ConfigError(f"{origin}: detection.detectors is empty; name at least one, such as sequence.")
    if not 0 < detection.budget < 0.5:
        raise ConfigError(f"{origin}: detection.budget is {detection.budget}; it must lie between 0 and 0.5.")
    if not 0 <= detection.false_alarms_a_day < 1e9:
        raise ConfigError(
            f"{origin}: detection.false_alarms_a_day is {detection.false_alarms_a_day}; "
            "give a number above 0."
        )
    if not 0 <= detection.alerts_a_day < 1e9:
        raise ConfigError(
            f"{origin}: detection.alerts_a_day is {detection.alerts_a_day}; give a number above 0."
        )
    if not 0 <= detection.hold_rare <= MOST_RARE:
        raise ConfigError(
            f"{origin}: detection.hold_rare is {detection.hold_rare}; it must lie between 0 and {MOST_RARE}."
        )
    if not 2 <= detection.ready_flows <= _MOST or not 2 <= detection.folds <= MOST_FOLDS:
        raise ConfigError(
            f"{origin}: detection.ready_flows and detection.folds must be at least 2, "
            f"folds at most {MOST_FOLDS}."
        )
    _check_baselines(settings.baselines, origin)
    for name in type(settings.limits).__struct_fields__:
        most = MOST_LATENESS_S if name.endswith("lateness_s") else _MOST
        if not 1 <= getattr(settings.limits, name) <= most:
            raise ConfigError(f"{origin}: limits.{name} must be at least 1 and at most {most:,}.")


def _check_baselines(baselines: BaselineSettings, origin: str) -> None:
    if not 0 < baselines.alarms_a_function_day <= 1:
        raise ConfigError(
            f"{origin}: baselines.alarms_a_function_day is {baselines.alarms_a_function_day}; "
            "it must lie between 0 and 1."
        )
    for name in ("price_per_gb_second", "price_per_million_requests"):
        if not 0 <= getattr(baselines, name) <= 1e6:
            raise ConfigError(f"{origin}: baselines.{name} must lie between 0 and 1,000,000.")
    if not 0 < baselines.least_cost_usd <= 1e6:
        raise ConfigError(f"{origin}: baselines.least_cost_usd must be more than 0 and at most 1,000,000.")
