"""By which kind of witness a run is told. What a kind of witness cannot tell is not left out by the run, and
what only another kind tells is not new: runs are compared with runs that were learned from the same kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from coldtrail.features.batch import Bools, Encoded
from coldtrail.features.fitness import is_traced
from coldtrail.features.vocabulary import Vocabulary, is_start
from coldtrail.records.columns import AnyFlow, LeanFlow, Shape

LIFECYCLE = "lifecycle"
"""Traces that hold the platform's own steps, `Invocation` and `Overhead`."""
PLAIN = "plain"
"""Traces without them, as OpenTelemetry in the function's code writes them."""
AUDIT_LOG = "audit-log"
"""No trace, but what the audit log tells of an invocation that is named."""
SESSIONS = "sessions"
"""The audit log where it names no invocations: a flow is what was done at a stretch, by one run or many."""
KINDS = (LIFECYCLE, PLAIN, AUDIT_LOG, SESSIONS)
Kinds = frozenset[str]

_TELL_ALL = frozenset(("xray", "native"))
"""Formats that hold the platform's own steps wherever there are some: a run without them lacks them."""
_NONE: Kinds = frozenset()
_ONLY = {kind: frozenset((kind,)) for kind in KINDS}
_TRACES: Kinds = frozenset((LIFECYCLE, PLAIN))


def kinds_of(flow: AnyFlow) -> Kinds:
    """The kinds of runs with which a run can be compared; none where only its end is told, as by a report."""
    if not is_traced(flow):
        if "cloudtrail" not in flow.witnesses:
            return _NONE
        return _ONLY[SESSIONS if _is_session(flow.function_flow_id) else AUDIT_LOG]
    if _shows_platform(flow):
        return _ONLY[LIFECYCLE]
    if not flow.witnesses or not _TELL_ALL.isdisjoint(flow.witnesses):
        return _TRACES
    return _ONLY[PLAIN]


def _shows_platform(flow: AnyFlow) -> bool:
    if isinstance(flow, LeanFlow):
        return _holds_platform(flow.columns.shape)
    for one in flow.events:
        if one.event_type == "lifecycle" and _is_platform(one.event_name, one.event_type):
            return True
    return False


@lru_cache(4096)
def _holds_platform(shape: Shape) -> bool:
    return any(_is_platform(step.name, step.kind) for step in shape.steps)


def _is_platform(name: str, kind: str) -> bool:
    """Whether a step is the platform's own; instrumentations tell cold starts too, so these say nothing."""
    return kind == "lifecycle" and not is_start(name, kind)


def _is_session(flow_id: str) -> bool:
    """Whether a flow without a trace is a session: its id has the session's name before that of a call."""
    return ":" in flow_id


def of_kind(flows: Encoded, vocabulary: Vocabulary, ids: Sequence[str]) -> dict[str, Bools]:
    """For each kind (flow,) whether learned flows are of it: of those without a trace only such are learned
    that the audit log tells, and all of these are incomplete."""
    platform = np.array([False, *_platform_steps(vocabulary)], np.bool_)
    shows = np.zeros(len(flows), np.bool_)
    shows[flows.flow_of[platform[flows.step]]] = True
    complete = flows.complete.astype(np.bool_)
    session = np.array([_is_session(one) for one in ids], np.bool_)
    return {
        LIFECYCLE: complete & shows,
        PLAIN: complete & ~shows,
        AUDIT_LOG: ~complete & ~session,
        SESSIONS: ~complete & session,
    }


def _platform_steps(vocabulary: Vocabulary) -> Iterable[bool]:
    return (_is_platform(name, kind) for name, kind, *_ in vocabulary.steps.words)
