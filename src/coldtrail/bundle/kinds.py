"""From which kinds of witness each function was learned, and what is to be said of runs of another kind."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from coldtrail.bundle.history import History
from coldtrail.detectors.drift.runs import Judged
from coldtrail.features.strata import HALF_LIFE_S
from coldtrail.features.witness_kinds import (
    AUDIT_LOG,
    KINDS,
    LIFECYCLE,
    PLAIN,
    SESSIONS,
    Kinds,
    kinds_of,
    of_kind,
)
from coldtrail.records.columns import AnyFlow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.tally import Tally

OTHERWISE = "flows told otherwise than learned: "
"""Before the reason why they are not judged, in the counts of a tally."""
_LEARNED = {
    LIFECYCLE: "traces with the platform's own steps",
    PLAIN: "traces without the platform's own steps",
    AUDIT_LOG: "the audit log alone",
    SESSIONS: "the audit log without invocations",
}
_TOLD = _LEARNED | {"": "reports or access logs alone, which tell no steps"}


def kinds_learned(history: History, least: int) -> dict[FunctionKey, Kinds]:
    """Of each function the kinds of witness that told of at least so many flows, or of most."""
    flows, functions = history.flows, history.vocabulary.functions
    faded = np.exp2((flows.start - history.reference) / HALF_LIFE_S)
    number = flows.weight / np.maximum(faded, np.finfo(np.float64).tiny)
    ids = [flow_id for _, flow_id in history.names.tolist()]
    parts = of_kind(flows, history.vocabulary, ids).values()
    size = len(functions) + 1
    counts = np.array([np.bincount(flows.function[part], number[part], size) for part in parts])
    enough = (counts >= np.minimum(counts.max(axis=0), least)) & (counts > 0.0)
    found = {}
    for place in np.flatnonzero(enough.any(axis=0)).tolist():
        found[functions[place]] = frozenset(np.array(KINDS)[enough[:, place]].tolist())
    return found


class ToldOtherwise:
    """Knows which flows another kind of witness tells than their function was learned from."""

    def __init__(self, kinds: Mapping[FunctionKey, Kinds]) -> None:
        self._kinds = kinds

    def __call__(self, flow: AnyFlow) -> bool:
        """Whether that is so; of a function of which nothing is known in this respect it is not."""
        learned = self._kinds.get(flow.key)
        return learned is not None and learned.isdisjoint(kinds_of(flow))

    def reason(self, flow: AnyFlow) -> str:
        """Why such a flow is not judged, in words; empty for any other."""
        if not self(flow):
            return ""
        told = min(kinds_of(flow), default="")
        learned = [_LEARNED[kind] for kind in KINDS if kind in self._kinds[flow.key]]
        return (
            f"told by {_TOLD[told]}, where the bundle learned from {' and '.join(learned)}. Score telemetry "
            "of that kind, or train on what is scored."
        )


def told_alike(judged: Judged, told_otherwise: ToldOtherwise, tally: Tally) -> Judged:
    """Without the flows that another kind of witness tells than their function was learned from: they are
    counted by the reason, and nothing about them is a change."""
    encoded, flows, verdicts = judged
    pairs = zip(flows, verdicts, strict=True)
    other = [one.verdict == "not_ready" and told_otherwise(flow) for flow, one in pairs]
    if not any(other):
        return judged
    reasons = [told_otherwise.reason(flow) for flow, is_other in zip(flows, other, strict=True) if is_other]
    tally.counts.update([OTHERWISE + reason for reason in reasons])
    kept = [place for place, is_other in enumerate(other) if not is_other]
    return Judged(
        encoded.take(np.array(kept, np.int64)), [flows[i] for i in kept], [verdicts[i] for i in kept]
    )
