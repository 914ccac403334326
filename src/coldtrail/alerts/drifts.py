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

from coldtrail.alerts.building import (
    MAX_DETAILS,
    MAX_EVIDENCE,
    Draft,
    Judgement,
    Span,
    StepWords,
    Words,
    alert_id,
    built,
)
from coldtrail.alerts.shifts_together import Together, family_of, times, told_together
from coldtrail.alerts.showing.plain import named, plain, short
from coldtrail.alerts.wording.amounts import roughly
from coldtrail.alerts.wording.levels import amounts, shifted
from coldtrail.alerts.wording.phrases import step
from coldtrail.records.alert import Alert, Evidence, Severity
from coldtrail.records.finding import Finding, Level, StepKey, Subject, Unit
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.shift import Shift
from coldtrail.records.verdict import Reason

MOST_AGAIN = 9
"""Times that what is told came again of which runs are shown: the last."""
_KINDS = {
    "drips": "rare_paths_drift",
    "silence": "silence",
    "no_failures": "no_failures",
    "no_step": "no_step",
}
"""The kinds of findings that do not bear the name of their measure."""
_UNITS: dict[str, Unit] = {
    "duration": "seconds",
    "own_time": "seconds",
    "step_time": "seconds",
    "silence": "seconds",
    "calls": "steps",
    "rate": "runs_an_hour",
    "load": "runs_an_hour",
}
"""Of measures that are not shares of the runs."""


class _Kind(Struct, frozen=True):
    title: str
    together: str
    severity: Severity
    next_steps: tuple[str | StepWords, ...]


class _Rules(Struct, frozen=True):
    next_steps_together: tuple[str | StepWords, ...]
    kinds: dict[str, _Kind]


def kind_of(measure: str) -> str:
    """The kind of the finding that a shift of a measure is."""
    return _KINDS.get(measure, f"{measure}_drift")


def finding_of(shift: Shift) -> Finding:
    """A shift as a finding."""
    unit = _UNITS.get(shift.measure, "share")
    return Finding(
        kind_of(shift.measure),
        Subject.of(shift.key),
        shift.step,
        Level(shift.before, unit),
        Level(shift.after, unit, shift.since, shift.runs, shift.origin),
    )


def alert_ids(key: FunctionKey, measure: str, step: StepKey | None = None) -> tuple[str, str]:
    """The ids under which a shift of a function may be told: by itself, and with other functions of its
    application."""
    kind, thing = family_of(measure), _thing(measure, step)
    return alert_id(Subject.of(key), kind, thing), alert_id(_application(key), kind, thing)


def _thing(measure: str, step: StepKey | None) -> tuple[str, ...]:
    """What an alert is about beside its subject: steps that take longer are told one by one."""
    return (step.action, step.type, step.target or "") if measure == "step_time" and step else ()


def alerts_from_shifts(shifts: Sequence[Shift], flows: Mapping[str, Flow]) -> list[Alert]:
    """One alert for what one cause moves: measures of one function, or one measure of several functions.

    `flows` holds, by id, those to look at first; of one that is missing the alert knows no more than its ids.
    """
    return [built(_draft(one, flows.get(one.shifts[0].look_at))) for one in told_together(shifts)]


def _application(key: FunctionKey) -> Subject:
    return Subject("application", *key.application_key)


def _draft(told: Together, look: Flow | None) -> Draft:
    group, many = told.shifts, told.is_of_many
    shift = group[0]
    finding = finding_of(shift)
    kind = _rules().kinds[finding.kind]
    title = kind.together if many else kind.title
    steps = _rules().next_steps_together if many else kind.next_steps
    subject = _application(shift.key) if many or shift.measure == "load" else finding.subject
    return Draft(
        kind=family_of(shift.measure),
        subject=subject,
        thing=_thing(shift.measure, shift.step),
        severity="low" if many else kind.severity,
        words=Words(
            title,
            steps,
            _names(shift, finding),
            _amounts(group, finding, look),
            details=tuple(_others(group)),
        ),
        span=Span(
            min(one.since for one in group),
            max(one.found for one in (*group, *told.again)),
            min(one.found for one in group),
            sum(one.runs for one in (*group, *told.again)),
        ),
        judgement=Judgement(1 / shift.false_every, detectors=("drift",)),
        finding=msgspec.structs.replace(finding, subject=subject),
        reasons=(_reason(shift, finding, look),),
        runs=_evidence(shift, told.again),
        look_at=Evidence(shift.look_at, shift.trace),
        flow=look,
    )


def _evidence(shift: Shift, again: Sequence[Shift]) -> list[Evidence]:
    """The first runs of a shift, and of each time that it came again, as many of each."""
    each = MAX_EVIDENCE // (1 + min(len(again), MOST_AGAIN))
    times = (shift, *again[-MOST_AGAIN:])
    return [
        Evidence(*run)
        for one in times
        for run in list(zip_longest(one.flow_ids, one.traces, fillvalue=""))[:each]
    ]


def _others(group: Sequence[Shift]) -> list[str]:
    """The functions that shift with the first, a line each."""
    lines = []
    for one in group[1 : MAX_DETAILS + 1]:
        levels = amounts(finding_of(one))
        lines.append(f"{short(one.function_name)}: {levels['after']} instead of {levels['before']}")
    hidden = len(group) - 1 - MAX_DETAILS
    return [*lines, f"and {hidden:,} more"] if hidden > 0 else lines


def _reason(shift: Shift, finding: Finding, look: Flow | None) -> Reason:
    """What has shifted, and the event of the flow to look at first that shows it best."""
    at = _longest(look) if look is not None and shift.measure == "duration" else 0
    event = look.events[at] if look is not None and look.events else None
    return Reason(
        finding,
        event.event_id if event else None,
        event.event_name if event else "",
        event.event_target_resource if event else None,
        log(shift.false_every),
    )


def _longest(look: Flow) -> int:
    return max(range(len(look.events)), key=lambda i: look.self_times[i], default=0)


def _names(shift: Shift, finding: Finding) -> dict[str, str]:
    """What stands for the names in braces of `data/shifts.toml` that telemetry chose."""
    return {
        "function": short(shift.function_name),
        "application": short(shift.application_name),
        "trace": plain(shift.trace),
        "flow": plain(shift.look_at),
        "what": short(shifted(finding)),
    }


def _amounts(group: Sequence[Shift], finding: Finding, look: Flow | None) -> dict[str, str]:
    """What stands for the other names in braces there."""
    event = look.events[_longest(look)] if look is not None and look.events else None
    return amounts(finding) | {
        "functions": f"{len(group):,}",
        "times": roughly(times(group[0])),
        "most": named(step(event.event_name, event.event_target_resource)) if event else "its code",
    }


@cache
def _rules() -> _Rules:
    text = (files("coldtrail.alerts") / "data" / "shifts.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Rules)
