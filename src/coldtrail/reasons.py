"""The reasons of a verdict, read off the same numbers that scored it.

Each channel whose p-value alone passes the threshold gives reasons (the strangest channel always does): its
score is shared among the steps as the detector shares its own, so a channel's reasons add up to its score.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from coldtrail.detecting import Detector, Evidence, Place
from coldtrail.features.encode import Encoded, Floats
from coldtrail.features.vocabulary import Vocabulary, is_end
from coldtrail.records import Flow, Reason

MOST_REASONS = 8
LEAST_SHARE = 0.1
"""Steps that account for less of a channel's score than this are left out."""


class _Share(NamedTuple):
    contribution: float
    detector: str
    channel: int
    step: int | None


def reasons(
    detectors: Mapping[str, Detector],
    vocabulary: Vocabulary,
    encoded: Encoded,
    flow: Flow,
    bans: Floats,
    threshold: float,
) -> tuple[Reason, ...]:
    """The reasons of one anomalous flow (`encoded` holds it alone), largest contribution first.

    `bans` holds the calibrated score of each channel, in the order of the detectors and their channels.
    """
    shares: list[_Share] = []
    first = 0
    least = min(threshold, float(bans.max()) - 1e-12)
    for name, detector in detectors.items():
        steps, whole = detector.explain(encoded)
        for channel in range(len(detector.channels)):
            score = float(bans[first + channel])
            if score > least:
                parts = np.append(steps[:, channel], whole[0, channel])
                shares += _shares(name, channel, score, parts)
        first += len(detector.channels)
    shares.sort(key=lambda share: -share.contribution)
    found: dict[tuple[str, str | None], Reason] = {}
    for share in shares:
        reason = _reason(detectors[share.detector], vocabulary, encoded, flow, share)
        found.setdefault((reason.kind, reason.event_id), reason)
    return tuple(list(found.values())[:MOST_REASONS])


def _shares(detector: str, channel: int, score: float, parts: Floats) -> list[_Share]:
    total = float(parts.sum())
    if total <= 0.0:
        return []
    out = []
    for at in np.flatnonzero(parts >= LEAST_SHARE * total):
        step = None if at == len(parts) - 1 else int(at)
        out.append(_Share(score * float(parts[at]) / total, detector, channel, step))
    return out


def _reason(
    detector: Detector, vocabulary: Vocabulary, encoded: Encoded, flow: Flow, share: _Share
) -> Reason:
    place = Place(0, share.step, share.channel)
    evidence = detector.evidence(encoded, place, flow, vocabulary)
    at = _to_look_at(evidence, flow, share.step)
    if at is None:
        name = flow.function_name
        return Reason(evidence.kind, None, name, None, evidence.expected, evidence.seen, share.contribution)
    event = flow.events[at]
    return Reason(
        evidence.kind,
        event.event_id,
        event.event_name,
        event.event_target_resource,
        evidence.expected,
        evidence.seen,
        share.contribution,
    )


def _to_look_at(evidence: Evidence, flow: Flow, step: int | None) -> int | None:
    """The event to look at first: where a step is missing before the end, the last call before the hole."""
    if step is None:
        return _beside(evidence, flow)
    event = flow.events[step]
    if evidence.kind == "omission" and is_end(event.event_name, event.event_type):
        return next((i for i in range(step - 1, -1, -1) if _is_call(flow, i)), step)
    return step


def _beside(evidence: Evidence, flow: Flow) -> int | None:
    """The event to look at for a matter of the whole run: beside a missing end, else the Invocation."""
    if not flow.events:
        return None
    if evidence.kind in ("omission", "order"):
        calls = [i for i in range(len(flow.events)) if _is_call(flow, i)]
        return calls[-1] if calls else len(flow.events) - 1
    names = [event.event_name for event in flow.events]
    return names.index("Invocation") if "Invocation" in names else 0


def _is_call(flow: Flow, at: int) -> bool:
    return flow.events[at].event_type != "lifecycle"
