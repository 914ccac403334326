"""What an alert tells of a group of flows."""

from __future__ import annotations

from collections.abc import Sequence

from coldtrail.alerts.attack import rationale_for, technique_for
from coldtrail.alerts.building import MAX_EVIDENCE, Draft, Judgement, Span, Words
from coldtrail.alerts.failover import FAILOVER
from coldtrail.alerts.groups import GAP, Group
from coldtrail.alerts.parts import Sighting
from coldtrail.alerts.severity import kind_named, severity_of_group, told_as_of
from coldtrail.alerts.slowness import SLOW_SERVICE
from coldtrail.alerts.starters import OF_STARTERS, starters_of
from coldtrail.alerts.wording.titles import amounts, commands, details, ending, names
from coldtrail.records.alert import Evidence, Starter
from coldtrail.records.contradiction import CONTRADICTION
from coldtrail.records.finding import Finding, StepKey, Subject, Version

_OF_MANY = frozenset((SLOW_SERVICE, GAP, FAILOVER))
"""What is told as trouble from outside the functions: no technique of an attack is likely."""


def draft_of(group: Group, told_at: float) -> Draft:
    """What one alert tells of a group that was certain at some time."""
    lead = group.parts[0]
    verdict, kind = lead.verdict, kind_named(told_as_of(group))
    of_attack = (lead.reason, lead.event_type) if told_as_of(group) not in _OF_MANY else None
    runs = group.each_once
    return Draft(
        kind=group.cause.kind,
        subject=_subject(group),
        thing=group.cause.thing,
        severity=severity_of_group(group),
        words=Words(
            kind.title,
            kind.next_steps,
            names(group),
            amounts(group),
            commands(group),
            ending(group),
            tuple(details(group)),
        ),
        span=Span(runs[0].start, runs[-1].start, told_at, len(runs)),
        judgement=Judgement(_chance(group), verdict.score, verdict.threshold, verdict.detectors),
        reasons=verdict.reasons,
        finding=_finding(group),
        runs=[_evidence(one) for one in runs[:MAX_EVIDENCE]],
        look_at=Evidence(verdict.function_flow_id, verdict.application_flow_id),
        flow=lead.shown_flow,
        technique=technique_for(*of_attack) if of_attack else None,
        rationale=rationale_for(*of_attack) if of_attack else "",
        starters=_starters(group, runs),
    )


def _starters(group: Group, runs: Sequence[Sighting]) -> tuple[Starter, ...]:
    """Who started the runs, where that is what is strange of them."""
    if group.cause.kind not in OF_STARTERS:
        return ()
    return starters_of(runs, lambda count: severity_of_group(group, count))


def _chance(group: Group) -> float:
    """The chance that a usual run is as strange: none contradicts itself."""
    return 0.0 if group.cause.kind == CONTRADICTION else group.parts[0].verdict.p_value


def _evidence(run: Sighting) -> Evidence:
    return Evidence(run.function_flow_id, run.application_flow_id)


def _subject(group: Group) -> Subject:
    if group.cause.kind == CONTRADICTION and not group.cause.function:
        application = group.cause.whose.application_key
        return Subject("application" if group.cause.application else "fleet", *application)
    if group.cause.kind in _OF_MANY:
        return Subject("application", *group.cause.whose.application_key)
    return Subject.of(group.cause.whose)


def _finding(group: Group) -> Finding:
    """What names the cause of a group."""
    lead, key, subject = group.parts[0].reason.finding, group.cause, _subject(group)
    if group.version is not None:
        return Finding(key.kind, subject, seen=Version(group.version, group.runs))
    if key.kind == GAP:
        return Finding(GAP, subject)
    if key.kind == FAILOVER:
        return Finding(FAILOVER, subject, lead.step, lead.expected, lead.seen)
    if key.kind == SLOW_SERVICE:
        service = StepKey("", key.type, key.target or None)
        return Finding(SLOW_SERVICE, subject, service, lead.expected, lead.seen)
    if key.kind == CONTRADICTION:
        return Finding(CONTRADICTION, subject, seen=lead.seen)
    return lead
