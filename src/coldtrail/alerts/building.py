"""What is told together made an alert: its id, its words, its evidence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from coldtrail.alerts.showing.plain import named
from coldtrail.records.alert import Alert, Evidence, Severity, Starter, Technique
from coldtrail.records.finding import Finding, Subject
from coldtrail.records.flow import Flow
from coldtrail.records.next_step import Command, NextStep
from coldtrail.records.verdict import Reason

MAX_EVIDENCE = 100
MAX_DETAILS = 12
ID_DIGITS = 20
_EARLIER_DIGITS = 16
"""Of an id that words were part of, as they were before bundles of version 8."""


class StepWords(Struct, frozen=True):
    """What a next step says, with names in braces."""

    told: str
    command: str = ""
    """The name of the one that it ends in."""
    without: str = ""
    """What it says where there is no such command."""


class Words(Struct, frozen=True):
    """What an alert says, with names in braces, and what stands for them."""

    title: str
    next_steps: tuple[str | StepWords, ...]
    names: Mapping[str, str]
    """What telemetry chose."""
    amounts: Mapping[str, str]
    """What Coldtrail counted."""
    commands: Mapping[str, Command | None] = {}
    ending: str = ""
    """Follows the title."""
    details: tuple[str, ...] = ()


class Span(Struct, frozen=True):
    """When it was seen, when it was certain, and how often it was seen."""

    first_seen: float
    last_seen: float
    told_at: float
    count: int


class Judgement(Struct, frozen=True):
    """How strange it is."""

    p_value: float
    score: float | None = None
    threshold: float | None = None
    detectors: tuple[str, ...] = ()


class Draft(Struct, frozen=True, kw_only=True):
    """All that one alert tells."""

    kind: str
    subject: Subject
    thing: tuple[str, ...] = ()
    """What the finding is about; with kind and subject it makes the id."""
    severity: Severity
    words: Words
    span: Span
    judgement: Judgement
    reasons: tuple[Reason, ...]
    finding: Finding
    """What names the cause."""
    runs: Sequence[Evidence]
    """Of which the first are kept."""
    look_at: Evidence
    flow: Flow | None
    technique: Technique | None = None
    rationale: str = ""
    starters: tuple[Starter, ...] = ()


def alert_id(subject: Subject, kind: str, thing: tuple[str, ...] = ()) -> str:
    """The id of the alert that tells a finding of a kind about a thing: words, scores, times and order are no
    part of it."""
    of = msgspec.structs.astuple(subject)
    return f"ct-{hashlib.sha256(json.dumps((*of, kind, *thing)).encode()).hexdigest()[:ID_DIGITS]}"


def is_earlier_id(text: str) -> bool:
    """Whether a text has the form of an id from before ids were made of values alone."""
    digits = text.removeprefix("ct-")
    return text != digits and len(digits) == _EARLIER_DIGITS and not set(digits) - set("0123456789abcdef")


def built(draft: Draft) -> Alert:
    """The alert."""
    words, span, judgement = draft.words, draft.span, draft.judgement
    return Alert(
        id=alert_id(draft.subject, draft.kind, draft.thing),
        kind=draft.kind,
        subject=draft.subject,
        severity=draft.severity,
        title=words.title.format_map({**words.names, **words.amounts}) + words.ending,
        first_seen=span.first_seen,
        last_seen=span.last_seen,
        told_at=span.told_at,
        count=span.count,
        finding=draft.finding,
        reasons=draft.reasons,
        evidence=tuple(draft.runs[:MAX_EVIDENCE]),
        look_at=draft.look_at,
        technique=draft.technique,
        rationale=draft.rationale,
        next_steps=_next_steps(words),
        p_value=judgement.p_value,
        score=judgement.score,
        threshold=judgement.threshold,
        detectors=judgement.detectors,
        details=words.details,
        flow=draft.flow,
        starters=draft.starters,
    )


def _next_steps(words: Words) -> tuple[NextStep, ...]:
    """The next steps, but for those that say nothing without their command; a name that is not one word
    stands in quotation marks: it ends where it ends."""
    names = {place: named(name) for place, name in words.names.items()} | dict(words.amounts)
    steps = (StepWords(one) if isinstance(one, str) else one for one in words.next_steps)
    told = (_next_step(one, names, words.commands.get(one.command)) for one in steps)
    return tuple(one for one in told if one.told)


def _next_step(step: StepWords, names: Mapping[str, str], command: Command | None) -> NextStep:
    told = step.told if command is not None or not step.command else step.without
    return NextStep(told.format_map(names), command)
