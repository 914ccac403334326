"""The reasons of a verdict, read off the same numbers that scored it.

Each channel whose p-value alone passes the threshold gives reasons (the strangest channel always does): its
score is shared among the steps as the detector shares its own, so a channel's reasons add up to its score.

Something never met before leads. It alarms by itself, and the surprise it causes in other channels is often
put down to the steps before it: so it accounts for the whole score, whatever the others add.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from coldtrail.detectors.detector import Contributions, Detector, Evidence, Place
from coldtrail.features.batch import Encoded, Floats
from coldtrail.features.names.near import nearest
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES, Vocabulary, is_end
from coldtrail.records.finding import Finding, StepKey, Subject, UsualStep, Value
from coldtrail.records.flow import Event, Flow
from coldtrail.records.verdict import Reason

MOST_REASONS = 8
MOST_SHARES = 24
"""Shares of the score, the largest first, that are put into words before the same is told once."""
NEW = ("new_resource", "new_action", "new_event")
"""Kinds that say that a step is new, the most telling first."""
IMPLIED = (*NEW, "order", "duration")
"""What need not be told of a step that is new."""
MOST_BANS = 15.0
LEAST_SHARE = 0.1
"""Steps that account for less of a channel's score than this are left out, unless all do."""


class _Share(NamedTuple):
    contribution: float
    leads: bool
    detector: str
    channel: int
    step: int | None
    odds: float | None
    """One in so many, as the channel reckons; None where it speaks of no chance."""


class Explained:
    """What each detector says of the steps of flows; each is asked once, for all flows together."""

    def __init__(self, detectors: Mapping[str, Detector], flows: Encoded) -> None:
        self.detectors = detectors
        self.flows = flows
        self._told: dict[str, Contributions] = {}

    def of(self, name: str, place: int) -> Floats:
        """(step + 1, channel) what each step of a flow, and last the run as a whole, adds to each channel."""
        if name not in self._told:
            self._told[name] = self.detectors[name].explain(self.flows)
        steps, whole = self._told[name]
        first, end = self.flows.offsets[place : place + 2]
        return np.concatenate([steps[first:end], whole[place : place + 1]])


def reasons(
    explained: Explained,
    place: int,
    vocabulary: Vocabulary,
    flow: Flow,
    bans: Floats,
    threshold: float,
    runs: int = 0,
) -> tuple[Reason, ...]:
    """The reasons of one anomalous flow, the one at `place`, largest contribution first.

    `bans` holds the calibrated score of each channel, in the order of the detectors and their channels;
    `runs` is how many flows of the function were learned.
    """
    detectors = explained.detectors
    shares: list[_Share] = []
    first = 0
    highest = float(bans.max())
    least = min(threshold, highest - 1e-12)
    for name, detector in detectors.items():
        for column, channel in enumerate(detector.channels):
            score = float(bans[first + column])
            if score <= least:
                continue
            parts = explained.of(name, place)[:, column]
            if channel.alarms_by_chance and score > threshold:
                shares += _leading(name, column, highest, parts)
            else:
                odds = None if channel.has_own_threshold else 10.0 ** min(score, MOST_BANS)
                shares += _shares(name, column, score, parts, odds)
        first += len(detector.channels)
    shares.sort(key=lambda share: (-share.contribution, not share.leads))
    one = explained.flows.take(np.array([place]))
    found = [
        _reason(detectors[share.detector], vocabulary, one, flow, share, runs)
        for share in shares[:MOST_SHARES]
    ]
    return tuple(_told_once(found))[:MOST_REASONS]


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
    return sorted(out, key=lambda reason: -reason.contribution)


def _roughly(value: Value | None) -> Value | None:
    """The value as finely as it is told: two shares of runs that round to the same say the same."""
    if not isinstance(value, UsualStep) or value.share is None:
        return value
    return msgspec.structs.replace(value, share=round(value.share, 2 if value.share >= LEAST_SHARE else 3))


def _shares(detector: str, channel: int, score: float, parts: Floats, odds: float | None) -> list[_Share]:
    total = float(parts.sum())
    return [
        _Share(score * float(parts[at]) / total, False, detector, channel, _step(at, parts), odds)
        for at in _weighty(parts)
    ]


def _leading(detector: str, channel: int, score: float, parts: Floats) -> list[_Share]:
    """Scores each thing never met before by its own chance, not by a share of the sum."""
    most = float(parts.max())
    return [
        _Share(
            score * float(part) / most,
            True,
            detector,
            channel,
            _step(at, parts),
            10.0 ** min(float(part), MOST_BANS),
        )
        for at, part in enumerate(parts)
        if part > 0.0 and part >= LEAST_SHARE * most
    ]


def _weighty(parts: Floats) -> list[int]:
    least = min(LEAST_SHARE * float(parts.sum()), float(parts.max()))
    return [int(at) for at in np.flatnonzero((parts >= least) & (parts > 0.0))]


def _step(at: int, parts: Floats) -> int | None:
    return None if at == len(parts) - 1 else at


def _reason(
    detector: Detector, vocabulary: Vocabulary, encoded: Encoded, flow: Flow, share: _Share, runs: int
) -> Reason:
    finding, at = finding_at(detector, vocabulary, encoded, flow, Place(0, share.step, share.channel))
    event = None if at is None else flow.events[at]
    return Reason(
        finding,
        None if event is None else event.event_id,
        flow.function_name if event is None else event.event_name,
        None if event is None else event.event_target_resource,
        share.contribution,
        min(share.odds, runs + 1.0) if runs and share.odds else None,
        runs,
        _near(event, vocabulary) if finding.kind in NEW else None,
        finding.kind == "new_resource" and event is not None and _is_known(event, vocabulary),
    )


def finding_at(
    detector: Detector, vocabulary: Vocabulary, encoded: Encoded, flow: Flow, place: Place
) -> tuple[Finding, int | None]:
    """What a detector finds at a place of the only flow of a batch, and the event to look at first."""
    return finding_of(detector.evidence(encoded, place, flow, vocabulary), flow, place.step)


def finding_of(evidence: Evidence, flow: Flow, place: int | None) -> tuple[Finding, int | None]:
    """What evidence at a step of a flow (None: of the whole) says of whom, and the event to look at first."""
    at = to_look_at(evidence, flow, place)
    step = None if at is None else StepKey.of(flow.events[at])
    if evidence.kind == "trigger":
        step = None
    elif isinstance(evidence.expected, UsualStep) and evidence.kind == "omission":
        step = evidence.expected.step
    return Finding(evidence.kind, Subject.of(flow.key), step, evidence.expected, evidence.seen), at


def _is_known(event: Event, vocabulary: Vocabulary) -> bool:
    return (event.event_type, event.event_target_resource) in vocabulary.resources.numbers


def _near(event: Event | None, vocabulary: Vocabulary) -> str | None:
    """The known resource whose name a new one nearly equals."""
    target = None if event is None else event.event_target_resource
    if event is None or target is None or event.event_type in NO_RESOURCE_TYPES:
        return None
    if _is_known(event, vocabulary):
        return None
    alike = (name for kind, name in vocabulary.resources.words if kind == event.event_type)
    return nearest(target, alike)


def to_look_at(evidence: Evidence, flow: Flow, step: int | None) -> int | None:
    """The event to look at first: where a step is missing before the end, the last call before the hole."""
    if step is None:
        return _beside(evidence, flow)
    event = flow.events[step]
    if evidence.kind == "omission" and is_end(event.event_name, event.event_type):
        return next((i for i in range(step - 1, -1, -1) if _is_call(flow, i)), step)
    return step


def _beside(evidence: Evidence, flow: Flow) -> int | None:
    """The event to look at where the reason is the whole run: next to a missing end, else the Invocation."""
    if not flow.events:
        return None
    if evidence.kind in ("omission", "order"):
        calls = [i for i in range(len(flow.events)) if _is_call(flow, i)]
        return calls[-1] if calls else len(flow.events) - 1
    names = [event.event_name for event in flow.events]
    return names.index("Invocation") if "Invocation" in names else 0


def _is_call(flow: Flow, at: int) -> bool:
    return flow.events[at].event_type != "lifecycle"
