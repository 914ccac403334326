"""The line as the service runs it: documents in, verdicts to keep out, alerts and cases as they stand now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from math import inf
from typing import NamedTuple

from coldtrail.assembly.assembling import Expecting
from coldtrail.assembly.from_documents import BATCH_DOCUMENTS, batches
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.pipeline import Judged, Pipeline, Told
from coldtrail.records.alert import Alert
from coldtrail.records.case import Case
from coldtrail.records.stage import State, part
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Parser
from coldtrail.store.scratch import Scratch

MOST_SINCE = 1_000_000
"""Documents after which the line is made anew of its own snapshot: what it set aside on disk is let go."""
Keep = Callable[[Sequence[Judged], set[str]], None]
"""Takes verdicts with their flows, and ids of flows that were judged before, out of which it takes these."""


class Making(NamedTuple):
    """What a line is made of."""

    model: Model
    parser: Parser
    settings: Settings
    expecting: Expecting
    bundle: str
    """Identity of the bundle."""


class Line:
    """The one line of a service."""

    def __init__(self, making: Making, tally: Tally, keep: Keep) -> None:
        self.making, self.tally = making, tally
        self._keep = keep
        self._files = ExitStack()
        self._line = self._new()
        self._since = self._signals = 0
        self._is_finished = False
        self.has_news = False
        """Whether alerts may have changed since `alerts` were asked for last."""

    def _new(self) -> Pipeline:
        making = self.making
        store = Scratch(self._files)
        return Pipeline(
            making.model, making.parser, making.settings, self.tally, store, expecting=making.expecting
        )

    @property
    def now(self) -> float:
        """The event time up to which documents have come."""
        return self._line.now

    @property
    def certain_before(self) -> float:
        """No run that began before this is still to be judged, but for what comes too late."""
        return inf if self._is_finished else self._line.assembling.low_watermark

    @property
    def open_events(self) -> int:
        """Steps of traces that may still grow."""
        return self._line.assembling.open_events

    def take(self, documents: Iterable[Document]) -> None:
        """Takes documents in; verdicts on flows that had to be closed early are kept."""
        for some in batches(documents, BATCH_DOCUMENTS):
            self._since += len(some)
            self._pass(self._line.passing(some))

    def advance(self, watermark: float) -> None:
        """Judges what is complete by then."""
        self._pass(self._line.advance(watermark))
        signals = self._line.judging.signals_told
        self.has_news |= signals != self._signals
        self._signals = signals

    def finish(self) -> None:
        """Judges all that is still open: nothing more comes."""
        self._pass(self._line.finish())
        self.has_news = self._is_finished = True

    def _pass(self, told: Iterable[Told]) -> None:
        for some in batches(told, BATCH_DOCUMENTS):
            self.has_news |= any(isinstance(one, Alert) for one in some)
            judged = [one for one in some if isinstance(one, Judged)]
            if judged:
                self._keep(judged, self._line.assembling.given_again)

    @property
    def alerts(self) -> list[Alert]:
        """All alerts as they stand."""
        self.has_news = False
        return self._line.judging.alerts

    @property
    def cases(self) -> list[Case]:
        """All cases as they stand."""
        return self._line.judging.cases

    def snapshot(self) -> State:
        """All that is held; now and then the line is made anew of it, so that it holds nothing else."""
        self._line.assembling.settle()
        state = self._line.snapshot()
        if self._since > MOST_SINCE:
            self._renew(state)
        return state

    def _renew(self, state: State) -> None:
        assembled = self.tally.counts["flows assembled"]
        files, self._files = self._files, ExitStack()
        self._line, self._since = self._new(), 0
        self._line.restore(state)
        # Flows that wait for witnesses count where they are given: here they were given before.
        self.tally.counts["flows assembled"] = assembled
        files.close()

    def restore(self, state: State, bundle: str) -> None:
        """Goes on from a snapshot; of a line with another bundle what is open, which no bundle knows.

        Raises `BundleError` where it is damaged."""
        if bundle == self.making.bundle:
            self._line.restore(state)
        else:
            self._line.assembling.restore(part(state, "assembling"))
        self._signals = self._line.judging.signals_told
        self.has_news = True

    def close(self) -> None:
        """Lets go of what was set aside on disk."""
        self._files.close()
