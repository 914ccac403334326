"""Telemetry shared among workers by trace: each reads all documents, and parses those of its own traces.

What a worker gives carries the number of the document that a trace began with, so that the flows of all
workers can be put in the order, and their losses be told in the order, of one worker that does it all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple
from zlib import crc32

import msgspec
from msgspec import Struct

from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.assembly.assembling import Parsing, straight
from coldtrail.assembly.from_documents import BATCH_DOCUMENTS, batches
from coldtrail.assembly.lean import observations_of
from coldtrail.assembly.minutes import Minutes
from coldtrail.config import Settings
from coldtrail.formats.detect import parser_for
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.columns import AnyFlow, WholeTrace
from coldtrail.records.identity import trace_key
from coldtrail.records.tally import MAX_KEPT, Rejection, Tally, Unrecorded
from coldtrail.records.telemetry import Document, Observations
from coldtrail.sources.files import FileSource
from coldtrail.sources.outcomes import MOST_REFUSED, Outcomes

_MOST_TRACES = 1 << 20
"""Traces of one document that are told apart by their place in it."""
_READING, _CLOSING = 0, 1
Moment = tuple[int, int, int]
"""Orders what is lost. While documents are read: their batch, and 0 or, once they are parsed, the document.
When traces are closed: the trace."""


class MisledError(Exception):
    """A quick look at a document named another trace than the one that the document speaks of, or something
    came that has to be joined to the traces of all workers."""


class Share(NamedTuple):
    """The traces of one worker."""

    number: int
    of: int

    def owns(self, trace: bytes) -> bool:
        """Whether the trace of this id is one of them."""
        return crc32(_key(trace)) % self.of == self.number

    @property
    def leads(self) -> bool:
        """Whether what belongs to no trace is counted by this worker."""
        return self.number == 0


class Numbered(NamedTuple):
    """A flow, and where its trace stands among all."""

    number: int
    flow: AnyFlow


class Loss(Struct, frozen=True, array_like=True):
    """A loss, and when it was met."""

    moment: Moment
    rejection: Rejection


class Told(Struct, array_like=True):
    """A tally on its way from a worker."""

    counts: dict[str, int] = {}
    losses: dict[str, int] = {}
    examples: list[Loss] = []
    kept: list[Loss] = []
    unrecorded: list[tuple[Unrecorded, int]] = []
    pseudonyms: bool = False
    """Whether any were made."""
    minutes: Minutes = []
    """How many flows ran when, where that was counted."""


class TimedTally(Tally):
    """A tally that knows when each loss was met."""

    def __init__(self, now: Callable[[], Moment]) -> None:
        super().__init__()
        self._now = now
        self._first: dict[str, Moment] = {}
        self._moments: list[Moment] = []

    def lose(self, kind: str, *, origin: str, place: str = "", reason: str, number: int = 1) -> None:
        """Record a loss."""
        super().lose(kind, origin=origin, place=place, reason=reason, number=number)
        moment = self._now()
        self._first.setdefault(kind, moment)
        if len(self._moments) < len(self.kept):
            self._moments.append(moment)

    def told(self) -> Told:
        """All that was counted."""
        last = (_CLOSING, 0, 0)
        examples = [Loss(self._first.get(kind, last), one) for kind, one in self.examples.items()]
        kept = [Loss(moment, one) for moment, one in zip(self._moments, self.kept, strict=True)]
        unrecorded = sorted(self.unrecorded.items(), key=repr)
        return Told(dict(self.counts), dict(self.losses), examples, kept, unrecorded)


def merge(tally: Tally, told: Sequence[Told]) -> None:
    """Adds what workers counted, as one worker would have met it."""
    for loss in _in_order(one.examples for one in told):
        tally.examples.setdefault(loss.rejection.kind, loss.rejection)
        tally.losses[loss.rejection.kind] += 0
    for one in told:
        tally.counts.update(one.counts)
        tally.losses.update(one.losses)
        tally.unrecorded.update(dict(one.unrecorded))
    kept = [loss.rejection for loss in _in_order(one.kept for one in told)]
    tally.kept += kept[: MAX_KEPT - len(tally.kept)]


def _in_order(losses: Iterable[Iterable[Loss]]) -> list[Loss]:
    return sorted(chain.from_iterable(losses), key=lambda loss: loss.moment)


class SharedFlows:
    """The flows of one worker's traces; raises `MisledError` where a trace cannot be told from others."""

    def __init__(
        self,
        share: Share,
        paths: Sequence[str],
        format_name: str,
        settings: Settings,
        on_bytes: Callable[[int], None] | None = None,
        *,
        lean: bool = False,
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        """With `lean`, flows come with their steps as columns where that can be."""
        self.tally = TimedTally(lambda: self._now)
        self._share = share
        self._assembler = FlowAssembler(_bounded(settings, share.of), self.tally)
        self._pseudonyms = Pseudonyms() if pseudonyms is None else pseudonyms
        parser = parser_for(format_name, settings, self.tally.counts, self._pseudonyms)
        self._trace_of = parser.trace_of
        self._own = Parsing(straight(parser) if lean else parser, self.tally)
        self._foreign = Parsing(parser_for(format_name, settings), Tally())
        """For what every worker has to parse: it is counted by the first alone."""
        counts = self.tally if share.leads else Tally()
        self._source = FileSource(paths, limits=settings.limits, tally=counts, on_bytes=on_bytes)
        self._source.outcomes = Outcomes(self._is_any_accepted)
        self._first: OrderedDict[str, int] = OrderedDict()
        """By the key of the trace, where it stands."""
        self._reading: Moment | None = (_READING, 0, 0)

    @property
    def _now(self) -> Moment:
        return self._reading or (_CLOSING, self._first[self._assembler.closing], 0)

    def flows(self) -> Iterator[Numbered]:
        """The flows, in the order in which their traces began to come; to be asked for once."""
        number = 0
        documents = (document for document, _ in self._source.read())
        for place, some in enumerate(batches(documents, BATCH_DOCUMENTS)):
            for document in some:
                number += 1
                self._reading = _READING, place, number
                parsed = self._parsed(document, number * _MOST_TRACES)
                if parsed is not None:
                    yield from self._numbered(self._assembler.passing([parsed]))
            self._reading = _READING, place + 1, 0
        self._reading = None
        yield from self._numbered(self._assembler.drain())

    def told(self) -> Told:
        """All that was counted, once all flows were asked for."""
        told = self.tally.told()
        told.pseudonyms = self._pseudonyms.used
        return told

    def _parsed(self, document: Document, number: int) -> Observations | WholeTrace | None:
        """What the document says of this worker's traces, which stand from that number on."""
        note = self._source.outcomes.note
        trace = self._trace_of(document.payload)
        if trace is None:
            parsed = (self._own if self._share.leads else self._foreign).of(document)
            note(document.origin, parsed is not None)
            if isinstance(parsed, Observations) and _tells_besides(parsed):
                raise MisledError
            return None if parsed is None else self._part(parsed, number)
        if not self._share.owns(trace):
            note(document.origin, None)
            return None
        parsed = self._own.of(document)
        note(document.origin, parsed is not None)
        if parsed is not None:
            for name in _traces(parsed):
                if _bytes(name) != trace:
                    raise MisledError
                self._first.setdefault(trace_key(name), number)
        return parsed

    def _is_any_accepted(self, origin: str) -> bool:
        """Whether any of the first documents of a file is accepted, by whichever worker."""
        first = self._source.first_documents(origin, MOST_REFUSED)
        return any(self._foreign.of(document) is not None for document in first)

    def _part(self, told: Observations | WholeTrace, number: int) -> Observations:
        parsed, own = observations_of(told) if isinstance(told, WholeTrace) else told, set()
        for place, name in enumerate(_traces(parsed)):
            if self._share.owns(_bytes(name)):
                own.add(name)
                self._first.setdefault(trace_key(name), number + min(place, _MOST_TRACES - 1))
        return Observations(
            spans=[one for one in parsed.spans if one.trace_id in own],
            links=[one for one in parsed.links if one.trace_id in own],
            trace_links=tuple([one for one in parsed.trace_links if one.trace_id in own]),
            cut=tuple([one for one in parsed.cut if one in own]),
            origin=parsed.origin,
            place=parsed.place,
        )

    def _numbered(self, flows: Iterable[AnyFlow]) -> Iterator[Numbered]:
        for flow in flows:
            number = self._first[trace_key(flow.application_flow_id)]
            while next(iter(self._first.values())) < number:
                self._first.popitem(last=False)
            yield Numbered(number, flow)


def _tells_besides(parsed: Observations) -> bool:
    """Whether it tells of more than traces, which one process has to follow."""
    return bool(parsed.witnesses or parsed.metrics or parsed.networks or parsed.changes)


def _traces(parsed: Observations | WholeTrace) -> dict[str, None]:
    """The ids of the traces that a document speaks of, in the order in which they are taken up."""
    if isinstance(parsed, WholeTrace):
        return {parsed.trace_id: None}
    told = [one.trace_id for one in parsed.links] + [one.trace_id for one in parsed.spans]
    return dict.fromkeys([*told, *[one.trace_id for one in parsed.trace_links], *parsed.cut])


def _key(trace: bytes) -> bytes:
    """One for each trace, however its id is spelled."""
    try:
        return _bytes(trace_key(trace.decode("utf-8", "surrogatepass")))
    except UnicodeDecodeError:
        return trace


def _bytes(trace: str) -> bytes:
    return trace.encode("utf-8", "surrogatepass")


def _bounded(settings: Settings, of: int) -> Settings:
    """The settings under which one of several may hold its part of what one may hold alone."""
    most = max(settings.limits.max_open_events // of, 1)
    limits = msgspec.structs.replace(settings.limits, max_open_events=most)
    return msgspec.structs.replace(settings, limits=limits)
