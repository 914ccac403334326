"""The anomalous flows of each cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from coldtrail.alerts.attack import telling_reason
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES
from coldtrail.records.finding import Finding, FindingKey, Subject
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Reason, Verdict
from coldtrail.verdicts.causes import MOST_CAUSES

OWN_CODE = "own_code"
"""Stands for the duration of what calls nothing outside the function."""


class Sighting(NamedTuple):
    """A flow that shows a cause."""

    start: float
    function_flow_id: str
    application_flow_id: str
    end: float
    starter: str = ""
    """Pseudonym of the principal that started it; empty where a service of the cloud did, or nobody knows."""


@dataclass
class Part:
    """The flows of one cause."""

    cause: FindingKey
    reason: Reason
    """The one that names the cause, of the strangest flow."""
    event_type: str
    failed: bool
    """Whether the call that the reason speaks of failed."""
    verdict: Verdict
    flow: Flow | None
    """None where it will not be shown, since too many causes of the kind are told together."""
    sightings: list[Sighting] = field(default_factory=list)
    alarming: set[str] = field(default_factory=set)
    """Kinds of all that alarms by itself in one of the flows, whatever names the cause."""

    @property
    def strangeness(self) -> tuple[float, float, str]:
        """Sorts the strangest first."""
        return strangeness_of(self.verdict)

    @property
    def shown_flow(self) -> Flow:
        """The strangest flow, where it was kept."""
        assert self.flow is not None
        return self.flow

    @property
    def traces(self) -> set[str]:
        """The ids of the traces in which it was seen."""
        return {one.application_flow_id for one in self.sightings}

    def copied(self) -> Part:
        """The same, which may take in others."""
        return replace(self, sightings=[*self.sightings], alarming={*self.alarming})

    def take_in(self, other: Part) -> None:
        """Add the flows of another part with the same cause."""
        if other.strangeness < self.strangeness:
            self.reason, self.event_type, self.failed = other.reason, other.event_type, other.failed
            self.verdict, self.flow = other.verdict, other.flow
        self.sightings += other.sightings
        self.alarming |= other.alarming


def strangeness_of(verdict: Verdict) -> tuple[float, float, str]:
    """Sorts the strangest first, the earliest of equals."""
    return (-verdict.score, verdict.start_time, verdict.function_flow_id)


class Causes:
    """The flows of each cause; flows that will never be shown are let go, so that memory stays bounded."""

    def __init__(self, parts: Iterable[Part] = ()) -> None:
        self.parts: dict[FindingKey, Part] = {part.cause: part for part in parts}
        self.of_kind: dict[tuple[FunctionKey, str], list[Part]] = defaultdict(list)
        for part in self.parts.values():
            self.of_kind[part.cause.whose, part.cause.kind].append(part)
        self.strangest = {
            kind: min(alike, key=lambda one: one.strangeness) for kind, alike in self.of_kind.items()
        }

    def copied(self) -> Causes:
        """The same, of which what is added leaves this as it is."""
        return Causes(part.copied() for part in self.parts.values())

    def add(self, part: Part) -> None:
        """Adds the flows of a part to those of its cause."""
        kind = part.cause.whose, part.cause.kind
        known = self.parts.setdefault(part.cause, part)
        if known is not part:
            known.take_in(part)
        else:
            self.of_kind[kind].append(part)
        best = self.strangest.setdefault(kind, known)
        if known.strangeness < best.strangeness:
            best, self.strangest[kind] = self.strangest[kind], known
        alike = self.of_kind[kind]
        if len(alike) <= MOST_CAUSES or part.cause.kind in ("trigger", "omission"):
            return
        for other in alike if len(alike) == MOST_CAUSES + 1 else (known, best):
            if other is not self.strangest[kind]:
                other.flow = None


def sighting_of(verdict: Verdict, flow: Flow) -> Sighting:
    """When a flow ran, and by which ids it is found."""
    ids = verdict.function_flow_id, flow.application_flow_id
    return Sighting(verdict.start_time, *ids, flow.end_time, starter_of(flow))


def starter_of(flow: Flow) -> str:
    """Who started a run; empty where a service of the cloud did, or nobody knows."""
    facts = flow.facts
    return "" if facts is None or facts.invoked_by else facts.principal or ""


def part_of(verdict: Verdict, flow: Flow, reasons: Sequence[Reason]) -> Part:
    """A part of one flow; its cause is what the most telling of the reasons names."""
    reason = telling_reason(reasons) or Reason(Finding("other", Subject.of(verdict.key)))
    types = {event.event_id: event.event_type for event in flow.events}
    event = next((event for event in flow.events if event.event_id == reason.event_id), None)
    return Part(
        reason.finding.key,
        reason,
        event.event_type if event else "",
        event is not None and event.error,
        verdict,
        flow,
        [sighting_of(verdict, flow)],
        {_kind(one, types) for one in reasons if one.contribution > verdict.threshold},
    )


def _kind(reason: Reason, types: Mapping[str, str]) -> str:
    own = reason.kind == "duration" and types.get(reason.event_id or "") in NO_RESOURCE_TYPES
    return OWN_CODE if own else reason.kind
