"""A flow without what people called legitimate, so that the rest is judged by itself.

Steps that are legitimate though new are taken out of the flow, legitimate durations count as nothing, and
what legitimate orders, repeats and triggers added to a channel is taken off its score. Nothing else of the
flow is touched, so that an attack beside them shows as before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from coldtrail.detectors.detector import Detector, Place
from coldtrail.features.batch import Encoded, Floats
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.finding import FindingKey, thing_of
from coldtrail.records.flow import Flow
from coldtrail.verdicts.attribution import finding_at
from coldtrail.verdicts.causes import NEW_KINDS
from coldtrail.verdicts.feedback import Accepted, is_of_run

LEAST = 1e-9


def calmed(flow: Flow, accepted: Sequence[Accepted]) -> Flow:
    """The flow without steps that are legitimate though new; legitimate durations are zero."""
    new = [one.cause for one in accepted if one.cause.kind in NEW_KINDS and _is_bounded(flow, one)]
    slow = {one.cause: one.most or 0.0 for one in accepted if one.cause.kind == "duration"}
    longest = {cause.thing: most for cause, most in slow.items()}
    whole = [most for cause, most in slow.items() if is_of_run(cause)]
    kept = [i for i, event in enumerate(flow.events) if not any(cause.is_of(event) for cause in new)]
    times = [_left(flow.self_times[i], longest.get(thing_of(flow.events[i]))) for i in kept]
    return msgspec.structs.replace(
        flow,
        events=tuple(flow.events[i] for i in kept),
        depths=tuple(flow.depths[i] for i in kept),
        self_times=tuple(times),
        own_time=_left(flow.own_time, max(whole, default=None)),
    )


def _is_bounded(flow: Flow, one: Accepted) -> bool:
    """Whether a run takes a legitimate new step no more often than is legitimate."""
    return one.most is None or sum(map(one.cause.is_of, flow.events)) <= one.most


def _left(seconds: float, most: float | None) -> float:
    return 0.0 if most is not None and seconds <= most else seconds


def scores_without(
    detectors: Mapping[str, Detector], vocabulary: Vocabulary, flow: Flow, accepted: Sequence[Accepted]
) -> tuple[Encoded, Floats]:
    """A calmed flow as arrays, and its (1, channel) scores without what is legitimate."""
    encoded = encode([flow], vocabulary)
    thin = encode([_thinned(flow, accepted)], vocabulary)
    causes = {one.cause for one in accepted}
    columns = []
    for detector in detectors.values():
        scores = detector.score(encoded)[0]
        apart = detector.score(thin)[0]
        for channel, parts in enumerate(_parts(detector, encoded)):
            repeats, taken = False, 0.0
            for at in np.flatnonzero(parts > LEAST).tolist():
                cause = _cause(detector, vocabulary, encoded, flow, channel, at)
                if cause in causes and _is_within(flow, cause, accepted):
                    taken += float(parts[at])
                    repeats = repeats or cause.kind == "count"
            left = max(float(scores[channel]) - taken, 0.0)
            columns.append(max(left, float(apart[channel])) if repeats else left)
    return encoded, np.array([columns])


def _parts(detector: Detector, encoded: Encoded) -> Floats:
    """(channel, step + 1) what each step, and last the run as a whole, added to each channel."""
    steps, whole = detector.explain(encoded)
    return np.concatenate([steps, whole]).T


def _cause(
    detector: Detector, vocabulary: Vocabulary, encoded: Encoded, flow: Flow, channel: int, at: int
) -> FindingKey:
    """The cause that a channel points to at a step, or, past the last step, in the run as a whole."""
    step = at if at < len(flow.events) else None
    finding, _ = finding_at(detector, vocabulary, encoded, flow, Place(0, step, channel))
    return finding.key


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
