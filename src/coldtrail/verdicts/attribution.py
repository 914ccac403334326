"""The reasons of a verdict, read off the same numbers that scored it.

Each channel whose p-value alone passes the threshold gives reasons (the strangest channel always does): its
score is shared among the steps as the detector shares its own, so a channel's reasons add up to its score.

Something never met before leads, where it is nearly as strange as anything else. It alarms by itself, and the
surprise it causes in other channels is often put down to the steps around it: so it accounts for the whole
score, whatever the others add.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from coldtrail.detectors.detector import Place
from coldtrail.features.batch import Floats
from coldtrail.features.names.counterparts import Counterparts
from coldtrail.features.names.near import Names
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES, Vocabulary
from coldtrail.records.finding import UsualStep, Value
from coldtrail.records.flow import Event, Flow
from coldtrail.records.verdict import Reason
from coldtrail.verdicts.findings import Found, findings_at
from coldtrail.verdicts.shares import LEAST_SHARE, Explained, Shares, heaviest, odds_of, shares_of

MOST_REASONS = 8
NEW = ("new_resource", "new_action", "new_event")
"""Kinds that say that a step is new, the most telling first."""
NEARLY = 0.85
"""The share of the largest contribution from which what is new leads: a step that stands in the place of
another one is as much its cause as the other's absence."""
IMPLIED = (*NEW, "order", "duration")
"""What need not be told of a step that is new."""


def reasons(
    explained: Explained,
    vocabulary: Vocabulary,
    flows: Sequence[Flow],
    bans: Floats,
    threshold: float,
    runs: Sequence[int] = (),
) -> list[tuple[Reason, ...]]:
    """The reasons of anomalous flows: of each what is new where it is nearly the strangest, then those with
    the largest contribution first.

    `bans` holds the calibrated scores (flow, channel), in the order of the detectors and their channels;
    `runs` is how many flows of each one's function were learned.
    """
    if not len(flows):
        return []
    shares = heaviest(shares_of(explained, bans, threshold))
    findings = _findings(explained, vocabulary, flows, shares)
    known = Known(vocabulary)
    learned = runs or [0] * len(flows)
    odds = odds_of(explained.detectors, bans, shares)
    found: list[list[Reason]] = [[] for _ in flows]
    columns = shares.flow.tolist(), shares.contribution.tolist(), odds, findings
    for at, contribution, one_in, (finding, event) in zip(*columns, strict=True):
        found[at].append(_reason(known, flows[at], (finding, event), contribution, (one_in, learned[at])))
    return [tuple(_told_once(some))[:MOST_REASONS] for some in found]


def _findings(
    explained: Explained, vocabulary: Vocabulary, flows: Sequence[Flow], shares: Shares
) -> list[Found]:
    """(share,) what it finds, and the event to look at first."""
    lengths = explained.flows.lengths[shares.flow]
    steps = [
        None if step == length else step
        for step, length in zip(shares.step.tolist(), lengths.tolist(), strict=True)
    ]
    at = shares.flow.tolist()
    out: dict[int, Found] = {}
    first = 0
    for detector in explained.detectors.values():
        end = first + len(detector.channels)
        mine = np.flatnonzero((shares.column >= first) & (shares.column < end))
        channels = (shares.column[mine] - first).tolist()
        rows = mine.tolist()
        if rows:
            places = [
                Place(at[row], steps[row], channel) for row, channel in zip(rows, channels, strict=True)
            ]
            found = findings_at(
                detector, vocabulary, explained.flows, places, [flows[at[row]] for row in rows]
            )
            out.update(zip(rows, found, strict=True))
        first = end
    return [out[row] for row in range(len(at))]


def _told_once(reasons: Sequence[Reason]) -> list[Reason]:
    """The reasons without those that repeat another one.

    Of several that say that a step is new, the most telling stays, with the largest contribution; that it is
    slow or out of order as well says nothing more. A step repeated is told once.
    """
    newest: dict[str | None, str] = {}
    for reason in reasons:
        if reason.kind in NEW:
            known = newest.setdefault(reason.event_id, reason.kind)
            newest[reason.event_id] = min(known, reason.kind, key=NEW.index)
    weight = {one.event_id: one.contribution for one in reversed(reasons) if one.kind in IMPLIED}
    told: set[tuple[object, ...]] = set()
    out = []
    for reason in reasons:
        expected, seen = _roughly(reason.finding.expected), reason.finding.seen
        what = (reason.kind, reason.event_name, reason.target, expected, seen)
        where: tuple[object, ...] = (reason.kind, reason.event_id)
        is_new = newest.get(reason.event_id) == reason.kind
        covered = not is_new and reason.event_id in newest and reason.kind in IMPLIED
        if covered or what in told or where in told:
            continue
        told |= {what, where}
        kept = weight[reason.event_id] if is_new else reason.contribution
        out.append(msgspec.structs.replace(reason, contribution=kept))
    highest = max((reason.contribution for reason in out), default=0.0)
    leading = [_raised(reason, highest) for reason in out if _leads(reason, highest)]
    others = [reason for reason in out if not _leads(reason, highest)]
    return sorted(leading + others, key=lambda reason: -reason.contribution)


def _leads(reason: Reason, highest: float) -> bool:
    """Whether a reason says that a step is new, and is nearly the strangest."""
    return reason.kind in NEW and reason.contribution >= NEARLY * highest


def _raised(reason: Reason, highest: float) -> Reason:
    """The reason, which accounts for the whole score."""
    return msgspec.structs.replace(reason, contribution=highest)


def _roughly(value: Value | None) -> Value | None:
    """The value as finely as it is told: two shares of runs that round to the same say the same."""
    if not isinstance(value, UsualStep) or value.share is None:
        return value
    return msgspec.structs.replace(value, share=round(value.share, 2 if value.share >= LEAST_SHARE else 3))


def _reason(
    known: Known,
    flow: Flow,
    found: Found,
    contribution: float,
    told: tuple[float | None, int],
) -> Reason:
    finding, at = found
    odds, runs = told
    event = None if at is None else flow.events[at]
    is_new = finding.kind in NEW
    return Reason(
        finding,
        None if event is None else event.event_id,
        flow.function_name if event is None else event.event_name,
        None if event is None else event.event_target_resource,
        contribution,
        min(odds, runs + 1.0) if runs and odds else None,
        runs,
        known.near(event) if is_new and event is not None else None,
        finding.kind == "new_resource" and event is not None and known.knows(event),
        known.counterpart(event) if is_new and event is not None else None,
    )


class Known:
    """Which resources are known, and which of them the name of a new one nearly equals."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._resources = vocabulary.resources
        self._names: dict[str, Names] = {}
        self._places: dict[str, Counterparts] = {}

    def knows(self, event: Event) -> bool:
        """Whether what an event touches is known, whoever touches it."""
        return (event.event_type, event.event_target_resource) in self._resources.numbers

    def near(self, event: Event) -> str | None:
        """The known resource whose name a new one nearly equals."""
        target, kind = event.event_target_resource, event.event_type
        if target is None or kind in NO_RESOURCE_TYPES or self.knows(event):
            return None
        if kind not in self._names:
            self._names[kind] = Names(name for of, name in self._resources.words if of == kind)
        return self._names[kind].nearest(target)

    def counterpart(self, event: Event) -> str | None:
        """The known place that bears the name of a new one but for the region or one more word."""
        target, kind = event.event_target_resource, event.event_type
        if target is None or kind in NO_RESOURCE_TYPES or self.knows(event):
            return None
        if kind not in self._places:
            self._places[kind] = Counterparts(name for of, name in self._resources.words if of == kind)
        return self._places[kind].of(target)
