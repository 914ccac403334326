"""New flows on their way into a history: judged by what was known before, and only then learned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct

from coldtrail.model import Model
from coldtrail.records import Flow, Verdict

BATCH_FLOWS = 4096


class Held(Struct, frozen=True):
    """A flow that was flagged."""

    flow: Flow
    verdict: Verdict


class Sieve:
    """Lets through what a model takes for normal, or knows too little to judge; keeps what it flags."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.held: list[Held] = []
        """Flagged, in the order of their coming."""
        self.met: Counter[tuple[str, str]] = Counter()
        """Flows of each (application, function)."""
        self.still_open = 0
        self.not_judged = 0
        """Let through since their function had too little history."""

    def let_through(self, flows: Iterable[Flow]) -> Iterator[Flow]:
        """The flows to learn; what was learned meanwhile does not touch the model that judges."""
        waiting = iter(flows)
        while batch := list(islice(waiting, BATCH_FLOWS)):
            self.met.update((flow.application_name, flow.function_name) for flow in batch)
            whole = [flow for flow in batch if flow.complete]
            self.still_open += len(batch) - len(whole)
            for flow, verdict in zip(whole, self._model.judge(whole), strict=True):
                if verdict.verdict == "anomalous":
                    self.held.append(Held(flow, verdict))
                    continue
                self.not_judged += verdict.verdict == "not_ready"
                yield flow
