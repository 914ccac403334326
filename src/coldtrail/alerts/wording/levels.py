"""Levels of a function over many runs in words."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from coldtrail.alerts.showing.plain import short
from coldtrail.alerts.wording.amounts import duration, moment, number, share
from coldtrail.alerts.wording.phrases import NO_ONE, step
from coldtrail.records.finding import Finding, Level, Origin

_NAMELESS = "something that seldom or never started it"
_OWN_CODE = "its own code"
_LOST = "nobody that the telemetry names"


class _Words(Struct, frozen=True):
    usual: str
    seen: str


class _Kinds(Struct, frozen=True):
    kinds: dict[str, _Words]


def level(value: Level) -> str:
    """The amount of a level: `500 ms`, `1.2`, `3 %`, `1 in 250`."""
    if value.unit == "seconds":
        return duration(value.value)
    if value.unit != "share":
        return number(float(f"{value.value:.3g}"))
    return f"1 in {1 / value.value:,.0f}" if 0 < value.value < 0.01 else share(value.value)


def usual_level(finding: Finding) -> str:
    """What was usual of a function, whatever its kind of drift says of it."""
    return _words(finding.kind).usual.format_map(_names(finding))


def seen_level(finding: Finding) -> str:
    """What has become of it."""
    return _words(finding.kind).seen.format_map(_names(finding))


def _names(finding: Finding) -> dict[str, str]:
    return amounts(finding) | {"what": short(shifted(finding))}


def amounts(finding: Finding) -> dict[str, str]:
    """What stands for {before} {after} {since} {runs} where a drift is told."""
    before, after = finding.expected, finding.seen
    assert isinstance(before, Level)
    assert isinstance(after, Level)
    return {
        "before": level(before),
        "after": level(after),
        "since": "" if after.since is None else f"{moment(after.since)} UTC",
        "runs": f"{after.runs or 0:,}",
    }


def shifted(finding: Finding) -> str:
    """The step that has stopped or takes longer, or who starts the function now; empty for any other kind."""
    if finding.step is not None:
        return step(finding.step.action, finding.step.target)
    if finding.kind == "step_time_drift":
        return _OWN_CODE
    if finding.kind != "callers_drift" or not isinstance(finding.seen, Level):
        return ""
    return starter(finding.seen.origin)


def starter(origin: Origin | None) -> str:
    """Who has become frequent; None for what has no name, since it seldom or never started the function."""
    if origin is None:
        return _NAMELESS
    return _LOST if origin.lost else origin.trigger or NO_ONE


def _words(kind: str) -> _Words:
    return _rules().kinds[kind]


@cache
def _rules() -> _Kinds:
    text = (files("coldtrail.alerts") / "data" / "shifts.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Kinds)
