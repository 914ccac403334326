"""Shifts in words: what a person is told of them, once, and alerts that stand among the others."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import log

import msgspec
from msgspec import Struct

from coldtrail.alerts.amounts import duration, moment, number, roughly, share
from coldtrail.alerts.correlation import at_one_time, in_several
from coldtrail.alerts.phrases import plain, short, step
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.following import Found
from coldtrail.detectors.drift.readings import CALLERS, NO_STEP, TOLD
from coldtrail.features.vocabulary import ABSENT, Vocabulary
from coldtrail.records.alert import Alert, Severity
from coldtrail.records.flow import Flow
from coldtrail.records.identity import ApplicationKey, FunctionKey
from coldtrail.records.shift import Shift
from coldtrail.records.verdict import Reason, Verdict

FAMILIES = (
    ("own_time", "duration"),
    ("drips", "paths", "errors", "calls"),
    ("callers",),
    ("rate",),
    ("silence",),
    ("no_failures",),
    ("no_step",),
)
"""Measures that one cause moves together; of those that shift, the first is told."""
_NOBODY = "nobody that the telemetry names"
LEAST_FUNCTIONS = 3
_TOGETHER = frozenset(("duration", "errors", "rate", "silence", "no_failures"))
"""Measures that something outside a function moves."""


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


def shifts_from(found: Iterable[Found], baselines: ShiftBaselines, vocabulary: Vocabulary) -> list[Shift]:
    """The shifts with the names of what has shifted, in the order in which they were found."""
    return [_shift(one, baselines, vocabulary) for one in found]


def _shift(one: Found, baselines: ShiftBaselines, vocabulary: Vocabulary) -> Shift:
    return Shift(
        *vocabulary.functions[one.function],
        TOLD[one.measure],
        one.since,
        one.found,
        one.runs,
        one.effect.before,
        one.effect.after,
        _what(one, vocabulary),
        baselines.functions[one.function].runs_a_false_shift,
        one.look[0],
        one.look[1],
        tuple(flow_id for flow_id, _ in one.references),
    )


def _what(one: Found, vocabulary: Vocabulary) -> str:
    if one.measure == NO_STEP:
        name, _, _, target, _ = vocabulary.steps[one.effect.kind]
        return step(name, target)
    return _caller(one.effect.kind, vocabulary) if one.measure == CALLERS else ""


def _caller(number: int, vocabulary: Vocabulary) -> str:
    if number == ABSENT:
        return _NOBODY
    return vocabulary.triggers[number] if number > 0 else "something that seldom or never started it"


def caller_number(name: str, vocabulary: Vocabulary) -> int:
    """The number of a caller by what a shift says of it; 0 for one that seldom or never started anything."""
    return ABSENT if name == _NOBODY else vocabulary.triggers.numbers.get(name, 0)


def alerts_from_shifts(shifts: Sequence[Shift], flows: Mapping[str, Flow]) -> list[Alert]:
    """One alert for what one cause moves: measures of one function, or one measure of several functions.

    `flows` holds, by id, those to look at first; of one that is missing the alert knows no more than its ids.
    """
    told = [_first(same) for same in _families(shifts)]
    alerts = []
    for group in _together(told):
        look = flows.get(group[0].look_at) or _bare(group[0])
        alerts.append(_alert(group, look))
    return alerts


def _families(shifts: Sequence[Shift]) -> list[list[Shift]]:
    groups: dict[tuple[FunctionKey, int], list[Shift]] = {}
    for shift in shifts:
        family = next(i for i, measures in enumerate(FAMILIES) if shift.measure in measures)
        groups.setdefault((shift.key, family), []).append(shift)
    return list(groups.values())


def _first(same: Sequence[Shift]) -> Shift:
    order = [measure for measures in FAMILIES for measure in measures]
    return min(same, key=lambda shift: (order.index(shift.measure), shift.found))


def _together(shifts: Sequence[Shift]) -> list[list[Shift]]:
    """Shifts of one measure of several functions of an application, found at one time, the strongest of each
    group first; all others by themselves."""
    alike: dict[tuple[ApplicationKey, str], list[Shift]] = {}
    for shift in sorted(shifts, key=lambda one: (one.found, one.function_name, one.measure)):
        alike.setdefault((shift.key.application_key, shift.measure), []).append(shift)
    out: list[list[Shift]] = []
    for (_, measure), same in alike.items():
        for group in at_one_time(same, lambda one: (one.found, one.found)):
            together = measure in _TOGETHER and in_several(group, _function, LEAST_FUNCTIONS)
            out += [sorted(group, key=lambda one: -_times(one))] if together else [[one] for one in group]
    return out


def _function(shift: Shift) -> str:
    return shift.function_name


def _alert(group: Sequence[Shift], look: Flow) -> Alert:
    shift = group[0]
    measure = _rules().measures[shift.measure]
    words = _words(group, look)
    many = len(group) > 1
    steps = _rules().next_steps_together if many else measure.next_steps
    return Alert(
        alert_id=alert_id(_whole_application(shift.key) if many else shift.key, shift.measure),
        title=(measure.together if many else measure.title).format_map(words),
        severity="low" if many else measure.severity,
        application_name=shift.application_name,
        function_name=shift.function_name,
        account=shift.account,
        region=shift.region,
        first_seen=min(one.since for one in group),
        last_seen=max(one.found for one in group),
        count=sum(one.runs for one in group),
        verdict=_verdict(group, look, measure, words),
        flow=look,
        flow_ids=shift.flow_ids,
        technique=None,
        next_steps=tuple(one.format_map(words) for one in steps),
    )


def alert_ids(key: FunctionKey, measure: str) -> tuple[str, str]:
    """The ids under which a shift of a function may be told: by itself, and with other functions of its
    application."""
    return alert_id(key, measure), alert_id(_whole_application(key), measure)


def _whole_application(key: FunctionKey) -> FunctionKey:
    """Stands for several functions of an application."""
    return key._replace(function="")


def alert_id(key: FunctionKey, measure: str) -> str:
    """The id of the alert of a shift."""
    cause = (*key, "shift", measure)
    return f"ct-{hashlib.sha256(json.dumps(cause).encode()).hexdigest()[:16]}"


def _verdict(group: Sequence[Shift], look: Flow, measure: _Measure, words: Mapping[str, str]) -> Verdict:
    """The shift as a verdict on the flow to look at first, whose own verdict it does not change."""
    shift = group[0]
    stake = log(shift.false_every)
    at = _longest(look) if shift.measure == "duration" else 0
    event = look.events[at] if look.events else None
    seen = measure.seen.format_map(words)
    if len(group) > 1:
        seen += "; also " + ", ".join(short(one.function_name) for one in group[1:])
    reason = Reason(
        "shift",
        event.event_id if event else None,
        event.event_name if event else "",
        event.event_target_resource if event else None,
        measure.usual.format_map(words),
        seen,
        stake,
    )
    return Verdict(
        shift.look_at, shift.trace, *shift.key, look.start_time, "anomalous",
        stake, stake, 1 / shift.false_every, ("shifts",), (reason,),
    )  # fmt: skip


def _longest(look: Flow) -> int:
    return max(range(len(look.events)), key=lambda i: look.self_times[i], default=0)


def _words(group: Sequence[Shift], look: Flow) -> dict[str, str]:
    shift = group[0]
    event = look.events[_longest(look)] if look.events else None
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


def _bare(shift: Shift) -> Flow:
    """All that is known of a flow that was not kept."""
    ids = shift.application_name, shift.trace, shift.function_name, shift.look_at
    empty: tuple[()] = ()
    return Flow(
        *ids,
        shift.since,
        shift.since,
        empty,
        empty,
        empty,
        0.0,
        account=shift.account,
        region=shift.region,
    )


@cache
def _rules() -> _Rules:
    text = (files("coldtrail.alerts") / "data" / "shifts.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Rules)
