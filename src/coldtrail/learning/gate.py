"""The gate that new flows pass: they are judged by the old model, and only then learned."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from msgspec import Struct

from coldtrail.assembly.from_documents import batches
from coldtrail.bundle.model import Model
from coldtrail.detectors.drift.shelf import Nowhere
from coldtrail.features.fitness import is_fit
from coldtrail.features.lean import whole
from coldtrail.learning.remarks import Remarks
from coldtrail.pipeline import BATCH_FLOWS, Judging
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.tally import Tally
from coldtrail.records.verdict import Verdict
from coldtrail.verdicts.contradicting import contradicts
from coldtrail.verdicts.feedback import Feedback


class Held(Struct, frozen=True):
    """A flow that was flagged."""

    flow: Flow
    verdict: Verdict


class Gate:
    """Lets through what a model takes for normal, or knows too little to judge; keeps what it flags."""

    def __init__(self, model: Model, remarks: Remarks | None = None) -> None:
        self.model = model
        self._strict = replace(model, feedback=Feedback())
        self._remarks = remarks or Remarks()
        self._spoken_of = self._remarks.ids("benign") | self._remarks.ids("malicious")
        self._attacks = self._remarks.ids("malicious")
        self.held: list[Held] = []
        """Flagged, in the order of their coming."""
        self.excused: list[Held] = []
        """What would be flagged, had people not called it legitimate."""
        self.met: Counter[FunctionKey] = Counter()
        """Flows of each function."""
        self.runs: dict[tuple[FunctionKey, str | None], array[float]] = {}
        """Starts of the complete flows, by function and version."""
        self.still_open = 0
        self.told_otherwise = 0
        """Left out, since another kind of witness tells them than their function was learned from."""
        self.not_judged = 0
        """Let through since their function had too little history."""
        self.judging = Judging(model, Tally(), Nowhere(), alerting=False)
        """Says what is flagged, what shifts and what has stopped."""
        self.attacks = 0
        """Kept out, since people called them, or flows of the same cause, attacks."""

    def let_through(self, flows: Iterable[AnyFlow]) -> Iterator[AnyFlow]:
        """The flows to learn; the model that judges does not change meanwhile."""
        for batch in batches(flows, BATCH_FLOWS):
            self.met.update(flow.key for flow in batch)
            verdicts = [one.verdict for one in self.judging.judge(batch)]
            strict = self._without_exceptions(batch, verdicts)
            for verdict, flow, without in zip(verdicts, batch, strict, strict=True):
                if not is_fit(flow):
                    self.still_open += 1
                elif self.model.told_otherwise(flow):
                    self.told_otherwise += 1
                elif self._passes(flow, verdict, without):
                    yield flow

    def _without_exceptions(self, flows: Sequence[AnyFlow], verdicts: Sequence[Verdict]) -> list[Verdict]:
        """The verdicts; of what is normal where something is legitimate, those without that."""
        pairs = enumerate(zip(flows, verdicts, strict=True))
        some = [at for at, (flow, one) in pairs if one.verdict == "normal" and self.model.feedback.of(flow)]
        out = list(verdicts)
        for at, verdict in zip(some, self._strict.judge([whole(flows[at]) for at in some]), strict=True):
            out[at] = verdict
        return out

    def _passes(self, flow: AnyFlow, verdict: Verdict, without: Verdict) -> bool:
        key = flow.key, flow.version
        self.runs.setdefault(key, array("d")).append(flow.start_time)
        if flow.function_flow_id in self._spoken_of:
            self._remarks.take(whole(flow), self._unexcused(flow, verdict))
        if flow.function_flow_id in self._attacks or self._forbids(flow, verdict):
            self.attacks += 1
            return False
        if verdict.verdict == "anomalous" or contradicts(verdict):
            self.held.append(Held(whole(flow), verdict))
            return False
        if without.verdict == "anomalous":
            self.excused.append(Held(whole(flow), without))
            return False
        self.not_judged += verdict.verdict == "not_ready"
        return True

    def _unexcused(self, flow: AnyFlow, verdict: Verdict) -> Verdict:
        """The verdict; for an attack that was called legitimate before, the verdict without that."""
        if flow.function_flow_id in self._attacks and verdict.verdict == "normal":
            return self._strict.judge([whole(flow)])[0]
        return verdict

    def _forbids(self, flow: AnyFlow, verdict: Verdict) -> bool:
        feedback = self.model.feedback
        if not feedback.refused:
            return flow.function_flow_id in feedback.refused_flows
        return feedback.forbids(self.model.vocabulary.naming.folded([whole(flow)])[0], verdict)
