"""Documents to function flows: parsing, gathering, and the event time up to which documents have come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.assembly.calls_before import CallsBefore
from coldtrail.assembly.join.joining import Joining
from coldtrail.assembly.watermark import EventTime
from coldtrail.config import Settings
from coldtrail.errors import BundleError, DocumentError
from coldtrail.records.columns import AnyFlow, WholeTrace
from coldtrail.records.stage import State, Store, array, joined, part
from coldtrail.records.tally import PART, Tally, like
from coldtrail.records.telemetry import Document, Observations, Parser

_YEARS_AHEAD = "a record is dated more than a year after all that earlier calls were given; it is left out."
Expecting = Callable[[], bool]
"""Says whether other witnesses than traces will come."""
Straight = Callable[[Document], Observations | WholeTrace]
"""A parser that gives columns of what one document tells whole."""


def straight(parser: Parser) -> Straight:
    """The parser that gives columns where it can."""
    able: Straight = getattr(parser, "straight", parser)
    return able


def nothing_more() -> bool:
    """Says that nothing but traces will come."""
    return False


class Parsing:
    """Documents to what they say; what a document lacks or breaks is counted, and stops nothing."""

    def __init__(self, parser: Parser | Straight, tally: Tally) -> None:
        self._parser, self._tally = parser, tally

    def of(self, document: Document) -> Observations | WholeTrace | None:
        """What the document says; None where it is unusable."""
        try:
            parsed = self._parser(document)
        except DocumentError as error:
            where = {"origin": document.origin, "place": document.place}
            self._tally.refuse(error.format, reason=str(error), **where)
            return None
        self._tally.counts["documents parsed"] += 1
        if isinstance(parsed, Observations) and parsed.problems:
            _lose_parts(document, parsed, self._tally)
        return parsed


class Assembling:
    """Documents to function flows, each with what all its witnesses tell."""

    def __init__(
        self,
        parser: Parser | Straight,
        settings: Settings,
        tally: Tally,
        store: Store | None = None,
        *,
        expecting: Expecting = nothing_more,
        watch: Callable[[Observations], None] | None = None,
    ) -> None:
        """Where many traces are open, most lie in the `store`, if one is given. `expecting` is asked once
        whether other witnesses than traces will come, before the first flow is given; `watch` is told all
        that documents tell beside whole traces."""
        self._parsing = Parsing(parser, tally)
        self._assembler = FlowAssembler(settings, tally, store)
        self._joining = Joining(settings, tally, store and store.beside())
        self._expecting: Expecting | None = expecting
        self._watch = watch
        self._tally = tally
        self._wait_s = settings.limits.witness_lateness_s
        self._time = EventTime(self._wait_s)
        self._calls_before = CallsBefore()

    def push(self, batch: Iterable[Document]) -> list[AnyFlow]:
        """The flows that had to be closed early, since too much was open."""
        return list(self.passing(batch))

    def passing(self, batch: Iterable[Document]) -> Iterator[AnyFlow]:
        """The same one after another, closed as they are asked for; all of them have to be."""
        joining, of_trace = self._joining, list[AnyFlow]()
        for flow in self._assembler.passing(self._parsed(batch)):
            if not self._is_joining():
                joining.note([flow])
                yield flow
                continue
            if of_trace and of_trace[-1].application_flow_id != flow.application_flow_id:
                joining.hold(of_trace)
                of_trace = []
            of_trace.append(flow)
        joining.hold(of_trace)

    def _is_joining(self) -> bool:
        if self._expecting is not None and not self._joining.active:
            self._joining.active = self._expecting()
        self._expecting = None
        return self._joining.active

    def _parsed(self, batch: Iterable[Document]) -> Iterator[Observations | WholeTrace]:
        for parsed in map(self._parsing.of, batch):
            if parsed is None:
                continue
            if not self._time.see(parsed):
                self._tally.lose("date years ahead", origin="the telemetry", reason=_YEARS_AHEAD)
                continue
            if parsed.requests:
                parsed = self._without_requests(parsed)
            if isinstance(parsed, Observations):
                for witness in parsed.witnesses:
                    if self._calls_before.told(witness):
                        self._tally.counts.update(("calls read", "calls told again"))
                    else:
                        self._joining.take(witness)
                if self._watch is not None:
                    self._watch(parsed)
            yield parsed

    def _without_requests(self, parsed: Observations | WholeTrace) -> Observations | WholeTrace:
        """What a document says, once it is noted which steps made which requests, if that may be asked."""
        if self._is_joining():
            self._joining.requests.take(parsed)
        # A trace may be held for long, and nobody else asks.
        return parsed._replace(requests=()) if isinstance(parsed, WholeTrace) else parsed

    @property
    def now(self) -> float:
        """The event time up to which documents have come."""
        return self._time.now

    def advance(self, watermark: float) -> list[AnyFlow]:
        """The flows of traces that have been quiet for `limits.lateness_s` before the watermark; where there
        are other witnesses, a flow waits for them for `limits.witness_lateness_s` more."""
        flows, joining = self._assembler.advance(watermark), self._joining
        if not self._is_joining():
            joining.note(flows)
            return flows
        joining.hold(flows)
        return joining.advance(min(watermark, self._assembler.low_watermark) - self._wait_s)

    @property
    def low_watermark(self) -> float:
        """No flow that is still to come starts before this."""
        return self._joining.low_watermark if self._joining.active else self._assembler.low_watermark

    def drain(self) -> Iterator[AnyFlow]:
        """The flows of all traces still open, and what no trace tells of."""
        return self._joining.drain(self._assembler.drain())

    @property
    def open_events(self) -> int:
        """Steps of traces that may still grow."""
        return self._assembler.open_events

    @property
    def given_again(self) -> set[str]:
        """Ids of flows that were given before and are given once more; who has said so takes them out."""
        return self._assembler.given_again

    def settle(self) -> None:
        """Forgets of event time what a snapshot would not hold: else each document takes some memory."""
        self._time.restore(self._time.state())

    def snapshot(self) -> State:
        """All that is held, for `restore`."""
        parts = {"assembler": self._assembler.snapshot(), "joining": self._joining.snapshot()}
        parts["calls before"] = self._calls_before.state()
        return joined(parts) | {"now": self._time.state()}

    def restore(self, state: State) -> None:
        """Go on from what `snapshot` gave; raises `BundleError` where that is damaged."""
        self._assembler.restore(part(state, "assembler"))
        witnesses = part(state, "joining")
        if witnesses:
            # Those that were put away before there was joining hold none.
            self._joining.restore(witnesses)
            # As those of traces that were open, they count where they are given.
            self._tally.counts["flows assembled"] += self._joining.number_waiting
        self._calls_before.restore(part(state, "calls before"))
        now = array(state, "now", np.float64)
        if len(now) < 2:
            raise BundleError("The state is damaged (now is missing).")
        self._time.restore(now)


def _lose_parts(document: Document, parsed: Observations, tally: Tally) -> None:
    origin, place = document.origin, document.place
    for problem in parsed.problems:
        tally.lose(f"{PART}{like(problem)}", origin=origin, place=place, reason=problem)
    if parsed.more_problems:
        reason = f"A part of this document was lost beyond the {len(parsed.problems):,} that are told."
        tally.lose(f"{PART}beyond", origin=origin, place=place, reason=reason, number=parsed.more_problems)
