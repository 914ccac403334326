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
from coldtrail.records.flow import Event, Flow
from coldtrail.records.verdict import Reason
from coldtrail.verdicts.attribution import finding_at
from coldtrail.verdicts.causes import NEW_KINDS, Cause, cause_of
from coldtrail.verdicts.feedback import Accepted

LEAST = 1e-9


def calmed(flow: Flow, accepted: Sequence[Accepted]) -> Flow:
    """The flow without steps that are legitimate though new; legitimate durations are zero."""
    new = [one.cause for one in accepted if one.cause.kind in NEW_KINDS and _is_bounded(flow, one)]
    longest = {one.cause.step: one.most or 0.0 for one in accepted if one.cause.kind == "duration"}
    kept = [i for i, event in enumerate(flow.events) if not any(_is(event, cause) for cause in new)]
    times = [_left(flow.self_times[i], longest.get(_step(flow.events[i]))) for i in kept]
    return msgspec.structs.replace(
        flow,
        events=tuple(flow.events[i] for i in kept),
        depths=tuple(flow.depths[i] for i in kept),
        self_times=tuple(times),
        own_time=_left(flow.own_time, longest.get(("Invocation", ""))),
    )


def _is_bounded(flow: Flow, one: Accepted) -> bool:
    """Whether a run takes a legitimate new step no more often than is legitimate."""
    return one.most is None or sum(_is(event, one.cause) for event in flow.events) <= one.most


def _step(event: Event) -> tuple[str, str]:
    return event.event_name, event.event_target_resource or ""


def _is(event: Event, cause: Cause) -> bool:
    return _step(event) == cause.step


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
) -> Cause:
    """The cause that a channel points to at a step, or, past the last step, in the run as a whole."""
    step = at if at < len(flow.events) else None
    finding, shown = finding_at(detector, vocabulary, encoded, flow, Place(0, step, channel))
    event = None if shown is None else flow.events[shown]
    name = flow.function_name if event is None else event.event_name
    target = None if event is None else event.event_target_resource
    return cause_of(flow, Reason(finding, None, name, target))


def _is_within(flow: Flow, cause: Cause, accepted: Sequence[Accepted]) -> bool:
    """Whether a repeat is no more frequent than the legitimate one; other causes have no bound here."""
    if cause.kind != "count":
        return cause.kind != "duration"
    times = sum(_is(event, cause) for event in flow.events)
    return any(one.cause == cause and times <= (one.most or 0.0) for one in accepted)


def _thinned(flow: Flow, accepted: Sequence[Accepted]) -> Flow:
    """The flow with legitimate repeats left out."""
    often = {one.cause.step for one in accepted if one.cause.kind == "count"}
    seen: set[tuple[str, str]] = set()
    kept = []
    for i, event in enumerate(flow.events):
        if _step(event) not in often or _step(event) not in seen:
            kept.append(i)
        seen.add(_step(event))
    return msgspec.structs.replace(
        flow,
        events=tuple(flow.events[i] for i in kept),
        depths=tuple(flow.depths[i] for i in kept),
        self_times=tuple(flow.self_times[i] for i in kept),
    )
