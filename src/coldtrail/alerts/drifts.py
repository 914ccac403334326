"""Shifts → alerts: one alert for what one cause moves, which stands among those of flows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from math import log

import msgspec
from msgspec import Struct

from coldtrail.alerts.building import MAX_DETAILS, Draft, Judgement, Span, Words, alert_id, built
from coldtrail.alerts.correlation import at_one_time, in_several
from coldtrail.alerts.wording.amounts import duration, moment, number, roughly, share
from coldtrail.alerts.wording.phrases import plain, short, step
from coldtrail.records.alert import Alert, Evidence, Severity
from coldtrail.records.finding import Finding, Subject, Told
from coldtrail.records.flow import Flow
from coldtrail.records.identity import ApplicationKey, FunctionKey
from coldtrail.records.shift import Shift
from coldtrail.records.verdict import Reason

FAMILIES = {
    "time_drift": ("own_time", "duration"),
    "path_drift": ("drips", "paths", "errors", "calls"),
    "caller_drift": ("callers",),
    "rate_drift": ("rate",),
    "silence": ("silence",),
    "no_failures": ("no_failures",),
    "no_step": ("no_step",),
}
"""By the kind of their alert, the measures that one cause moves together; of those that shift, the first is
told."""
LEAST_FUNCTIONS = 3
_TOGETHER = frozenset(("duration", "errors", "rate", "silence", "no_failures"))
"""Measures that something outside a function moves."""
_FAMILY = {measure: kind for kind, measures in FAMILIES.items() for measure in measures}
_ORDER = list(_FAMILY)


class _Measure(Struct, frozen=True):
    title: str
    together: str
    usual: str
    seen: str
    severity: Severity
    next_steps: tuple[str, ...]


class _Rules(Struct, frozen=True):
    next_steps_together: tuple[str, ...]
    measures: dict[str, _Measure]


def family_of(measure: str) -> str:
    """The kind of the alert that tells a shift of a measure; empty where there is no such measure."""
    return _FAMILY.get(measure, "")


def alert_ids(key: FunctionKey, measure: str) -> tuple[str, str]:
    """The ids under which a shift of a function may be told: by itself, and with other functions of its
    application."""
    kind = family_of(measure)
    return alert_id(Subject.of(key), kind), alert_id(_application(key), kind)


def alerts_from_shifts(shifts: Sequence[Shift], flows: Mapping[str, Flow]) -> list[Alert]:
    """One alert for what one cause moves: measures of one function, or one measure of several functions.

    `flows` holds, by id, those to look at first; of one that is missing the alert knows no more than its ids.
    """
    told = [_first(same) for same in _families(shifts)]
    return [built(_draft(group, flows.get(group[0].look_at))) for group in _together(told)]


def _families(shifts: Sequence[Shift]) -> list[list[Shift]]:
    groups: dict[tuple[FunctionKey, str], list[Shift]] = {}
    for shift in shifts:
        groups.setdefault((shift.key, family_of(shift.measure)), []).append(shift)
    return list(groups.values())


def _first(same: Sequence[Shift]) -> Shift:
    return min(same, key=lambda shift: (_ORDER.index(shift.measure), shift.found))


def _together(shifts: Sequence[Shift]) -> list[list[Shift]]:
    """Shifts of one measure that several functions of an application show at one time, the strongest first;
    all others by themselves."""
    alike: dict[tuple[ApplicationKey, str], list[Shift]] = {}
    for shift in sorted(shifts, key=lambda one: (one.found, one.function_name, one.measure)):
        alike.setdefault((shift.key.application_key, shift.measure), []).append(shift)
    out: list[list[Shift]] = []
    for (_, measure), same in alike.items():
        together: list[Shift] = []
        for group in at_one_time(same, lambda one: (one.found, one.found)):
            if measure in _TOGETHER and in_several(group, _function, LEAST_FUNCTIONS):
                together += group
            else:
                out += [[one] for one in group]
        out += [sorted(together, key=lambda one: -_times(one))] if together else []
    return out


def _function(shift: Shift) -> str:
    return shift.function_name


def _application(key: FunctionKey) -> Subject:
    return Subject("application", *key.application_key)


def _draft(group: Sequence[Shift], look: Flow | None) -> Draft:
    shift, many = group[0], len(group) > 1
    measure, names = _rules().measures[shift.measure], _words(group, look)
    steps = _rules().next_steps_together if many else measure.next_steps
    reason = _reason(shift, look, measure, names)
    return Draft(
        kind=family_of(shift.measure),
        subject=_application(shift.key) if many else Subject.of(shift.key),
        severity="low" if many else measure.severity,
        words=Words(measure.together if many else measure.title, steps, names, details=tuple(_others(group))),
        span=Span(
            min(one.since for one in group),
            max(one.found for one in group),
            min(one.found for one in group),
            sum(one.runs for one in group),
        ),
        judgement=Judgement(1 / shift.false_every, detectors=("drift",)),
        reasons=(reason,),
        naming=reason,
        runs=[Evidence(*run) for run in zip_longest(shift.flow_ids, shift.traces, fillvalue="")],
        look_at=Evidence(shift.look_at, shift.trace),
        flow=look,
    )


def _others(group: Sequence[Shift]) -> list[str]:
    """The functions that shift with the first, a line each."""
    lines = [
        f"{short(one.function_name)}: {_amount(one.measure, one.after)} "
        f"instead of {_amount(one.measure, one.before)}"
        for one in group[1 : MAX_DETAILS + 1]
    ]
    hidden = len(group) - 1 - MAX_DETAILS
    return [*lines, f"and {hidden:,} more"] if hidden > 0 else lines


def _reason(shift: Shift, look: Flow | None, measure: _Measure, names: Mapping[str, str]) -> Reason:
    """What has shifted, and the event of the flow to look at first that shows it best."""
    at = _longest(look) if look is not None and shift.measure == "duration" else 0
    event = look.events[at] if look is not None and look.events else None
    finding = Finding(
        f"{shift.measure}_drift" if family_of(shift.measure) != shift.measure else shift.measure,
        Subject.of(shift.key),
        None,
        Told(measure.usual.format_map(names)),
        Told(measure.seen.format_map(names)),
    )
    return Reason(
        finding,
        event.event_id if event else None,
        event.event_name if event else "",
        event.event_target_resource if event else None,
        log(shift.false_every),
    )


def _longest(look: Flow) -> int:
    return max(range(len(look.events)), key=lambda i: look.self_times[i], default=0)


def _words(group: Sequence[Shift], look: Flow | None) -> dict[str, str]:
    shift = group[0]
    event = look.events[_longest(look)] if look is not None and look.events else None
    return {
        "function": short(shift.function_name),
        "functions": f"{len(group):,}",
        "application": short(shift.application_name),
        "before": _amount(shift.measure, shift.before),
        "after": _amount(shift.measure, shift.after),
        "times": roughly(_times(shift)),
        "what": short(shift.what),
        "since": f"{moment(shift.since)} UTC",
        "runs": f"{shift.runs:,}",
        "trace": plain(shift.trace),
        "flow": plain(shift.look_at),
        "most": step(event.event_name, event.event_target_resource) if event else "its code",
    }


def _times(shift: Shift) -> float:
    return shift.after / shift.before if shift.before > 0 else 1.0


def _amount(measure: str, value: float) -> str:
    if measure in ("duration", "own_time", "silence"):
        return duration(value)
    if measure in ("calls", "rate"):
        return number(float(f"{value:.3g}"))
    return f"1 in {1 / value:,.0f}" if 0 < value < 0.01 else share(value)


@cache
def _rules() -> _Rules:
    text = (files("coldtrail.alerts") / "data" / "shifts.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Rules)
