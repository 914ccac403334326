"""A flow without what people called legitimate, so that the rest is judged by itself.

Steps that are legitimate though new are taken out of the flow, legitimate durations count as nothing, and
what legitimate orders, repeats and triggers added to a channel is taken off its score. Nothing else of the
flow is touched, so that an attack beside them shows as before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from coldtrail.detectors.detector import Detector, Place
from coldtrail.features.batch import Bools, Encoded, Floats
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.finding import FindingKey, thing_of
from coldtrail.records.flow import Flow
from coldtrail.verdicts.causes import NEW_KINDS
from coldtrail.verdicts.feedback import Accepted, is_of_run
from coldtrail.verdicts.findings import findings_at
from coldtrail.verdicts.shares import Explained

LEAST = 1e-9


def calmed(flow: Flow, accepted: Sequence[Accepted]) -> Flow:
    """The flow without steps that are legitimate though new, unless it takes them more often than is
    legitimate; legitimate durations are zero."""
    things = [thing_of(event) for event in flow.events]
    often = Counter(things)
    new = {
        one.cause.thing
        for one in accepted
        if one.cause.kind in NEW_KINDS and (one.most is None or often[one.cause.thing] <= one.most)
    }
    slow = {one.cause: one.most or 0.0 for one in accepted if one.cause.kind == "duration"}
    longest = {cause.thing: most for cause, most in slow.items()}
    whole = [most for cause, most in slow.items() if is_of_run(cause)]
    kept = [i for i, thing in enumerate(things) if thing not in new]
    times = [_left(flow.self_times[i], longest.get(things[i])) for i in kept]
    return msgspec.structs.replace(
        flow,
        events=tuple(flow.events[i] for i in kept),
        depths=tuple(flow.depths[i] for i in kept),
        self_times=tuple(times),
        own_time=_left(flow.own_time, max(whole, default=None)),
    )


def _left(seconds: float, most: float | None) -> float:
    return 0.0 if most is not None and seconds <= most else seconds


def scores_without(
    detectors: Mapping[str, Detector],
    vocabulary: Vocabulary,
    flows: Sequence[Flow],
    accepted: Sequence[Sequence[Accepted]],
) -> tuple[Encoded, Floats]:
    """Calmed flows as arrays, and their (flow, channel) scores without what is legitimate in each."""
    encoded = encode(flows, vocabulary)
    thin = encode([_thinned(*one) for one in zip(flows, accepted, strict=True)], vocabulary)
    columns = []
    for detector in detectors.values():
        scores, apart = detector.score(encoded), detector.score(thin)
        taken, repeats = _taken(detector, vocabulary, encoded, flows, accepted)
        left = np.maximum(scores - taken, 0.0)
        columns.append(np.where(repeats, np.maximum(left, apart), left))
    return encoded, np.concatenate(columns, axis=1)


def _taken(
    detector: Detector,
    vocabulary: Vocabulary,
    encoded: Encoded,
    flows: Sequence[Flow],
    accepted: Sequence[Sequence[Accepted]],
) -> tuple[Floats, Bools]:
    """(flow, channel) what is legitimate adds to each score, and whether a repeat is part of it."""
    parts = Explained({"": detector}, encoded)
    added = parts.of("")
    where, channel = np.nonzero(added > LEAST)
    at = parts.flow_of[where]
    step = where - parts.starts[at]
    is_whole = step == encoded.lengths[at]
    places = [
        Place(flow, None if whole else one, column)
        for flow, whole, one, column in zip(
            at.tolist(), is_whole.tolist(), step.tolist(), channel.tolist(), strict=True
        )
    ]
    found = findings_at(detector, vocabulary, encoded, places, [flows[place.flow] for place in places])
    taken = np.zeros((len(flows), len(detector.channels)))
    repeats = np.zeros(taken.shape, np.bool_)
    # One list for all flows of a function.
    causes = {id(some): {one.cause for one in some} for some in {id(one): one for one in accepted}.values()}
    for place, row, (finding, _) in zip(places, where.tolist(), found, strict=True):
        cause = finding.key
        if cause in causes[id(accepted[place.flow])] and _is_within(
            flows[place.flow], cause, accepted[place.flow]
        ):
            taken[place.flow, place.channel] += added[row, place.channel]
            repeats[place.flow, place.channel] |= cause.kind == "count"
    return taken, repeats


def _is_within(flow: Flow, cause: FindingKey, accepted: Sequence[Accepted]) -> bool:
    """Whether a repeat is no more frequent than the legitimate one; other causes have no bound here."""
    if cause.kind != "count":
        return cause.kind != "duration"
    times = sum(map(cause.is_of, flow.events))
    return any(one.cause == cause and times <= (one.most or 0.0) for one in accepted)


def _thinned(flow: Flow, accepted: Sequence[Accepted]) -> Flow:
    """The flow with legitimate repeats left out."""
    often = {one.cause.thing for one in accepted if one.cause.kind == "count"}
    seen: set[tuple[str, str, str]] = set()
    kept = []
    for i, thing in enumerate(map(thing_of, flow.events)):
        if thing not in often or thing not in seen:
            kept.append(i)
        seen.add(thing)
    return msgspec.structs.replace(
        flow,
        events=tuple(flow.events[i] for i in kept),
        depths=tuple(flow.depths[i] for i in kept),
        self_times=tuple(flow.self_times[i] for i in kept),
    )
