"""Traces that were closed once they were quiet, as digests of what they told: of what comes for them later,
what is new, and what cannot be true beside it.

A digest is enough to know that a document tells a run or a step otherwise than one that was judged before;
what that one said is gone. Only what was complete is compared, and only with what a document of the same
format tells: forms of one record that come late (`forms.py`) contradict each other in nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

import msgspec
from msgspec.structs import replace

from coldtrail.assembly.runs_before import RunsBefore
from coldtrail.assembly.statements import told_together
from coldtrail.assembly.trace import Source, Trace
from coldtrail.errors import BundleError
from coldtrail.features.lean import whole
from coldtrail.records.columns import AnyFlow
from coldtrail.records.contradiction import Contradiction, Said, Statement, Thing
from coldtrail.records.flow import Event, Flow
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.telemetry import Span

_MOST_TRACES = 100_000
_MOST_THINGS = 1_000_000
"""Beyond them the things told in the traces that were closed first are forgotten, not their flows."""
_FLOW = 8
"""Bytes of the digest of a flow."""
_ID, _THING = 4, 12
"""Bytes of what says which thing it is, and of that with the digest of what is told of it."""
_EARLIER = Statement(())
"""That of a document which is kept no more."""
_encode = msgspec.msgpack.Encoder().encode


class _Told(NamedTuple):
    """What a document tells of one thing in one respect."""

    of: Thing
    id: str
    name: str
    aspect: str
    told: tuple[Said, ...]
    shown: tuple[Said, ...]
    """What of it a finding shows."""
    witness: str
    source: Source


def _digest_of(kind: int, thing_id: str, told: tuple[Said, ...]) -> bytes:
    """Which thing it is, and a digest of what is told of it."""
    which = crc32(thing_id.encode("utf-8", "surrogatepass"), kind).to_bytes(_ID, "little")
    return which + blake2b(_encode(told), digest_size=_THING - _ID).digest()


@lru_cache(maxsize=1_000)
def _kind(of: Thing, aspect: str, witness: str) -> int:
    """What `_digest_of` tells respects and formats apart by."""
    return crc32(f"{of}\0{aspect}\0{witness}\0".encode("utf-8", "surrogatepass"))


class ClosedBefore:
    """Remembers what was told in the traces that were closed last."""

    def __init__(self) -> None:
        self._flows: dict[str, bytes] = {}
        """Digests of the flows of closed traces."""
        self._anew: dict[str, bytes] = {}
        """The same of those of which more came."""
        self._things: dict[str, bytes] = {}
        """Digests of what was told in either."""
        self._number = 0
        """Of these."""
        self.runs = RunsBefore()
        """What the runs of closed traces were."""

    def __contains__(self, trace_id: str) -> bool:
        return trace_id in self._flows

    def open(self, trace_id: str) -> None:
        """Note that more comes for a trace, if it was closed before."""
        if trace_id in self._flows:
            self._anew[trace_id] = self._flows.pop(trace_id)

    def close(self, trace_id: str, trace: Trace, flows: Iterable[AnyFlow]) -> None:
        """Remember a trace, and the flows that were given of it now."""
        known = self._things.pop(trace_id, b"")
        things = b"".join(dict.fromkeys([*_parted(known, _THING), *[digest for digest, _ in _told(trace)]]))
        self._things[trace_id] = things
        self._number += (len(things) - len(known)) // _THING
        told = list(map(whole, flows))
        self._flows[trace_id] = self._anew.pop(trace_id, b"") + b"".join(map(_digest, told))
        self.runs.close(trace_id, trace, told)
        if len(self._flows) > _MOST_TRACES:
            first = next(iter(self._flows))
            del self._flows[first]
            self._forget(first)
            self.runs.forget(first)
        while self._number > _MOST_THINGS:
            self._forget(next(iter(self._things)))

    def is_anew(self, trace_id: str) -> bool:
        """Whether more came for a trace that was closed before."""
        return trace_id in self._anew

    def _forget(self, trace_id: str) -> None:
        self._number -= len(self._things.pop(trace_id, b"")) // _THING

    def news(self, trace_id: str, trace: Trace, flows: Sequence[Flow]) -> list[Flow] | None:
        """Of the flows of a trace that was opened anew those that are not what they were, with what its
        documents tell otherwise than those before; None of any other trace."""
        if trace_id not in self._anew:
            return None
        known = set(_parted(self._anew[trace_id], _FLOW))
        new = [flow for flow in flows if _digest(flow) not in known]
        otherwise = list(self._otherwise(trace_id, trace)) if new else []
        return [_with(flow, otherwise) for flow in new] if otherwise else new

    def _otherwise(self, trace_id: str, trace: Trace) -> Iterator[_Told]:
        """What is told now of things of which something else was told before."""
        known = set(_parted(self._things.get(trace_id, b""), _THING))
        before = {one[:_ID] for one in known}
        for digest, told in _told(trace):
            if digest[:_ID] in before and digest not in known:
                yield _Told(*told)

    def snapshot(self) -> State:
        """All that is remembered, for `restore`."""
        return {
            "closed_quiet": packed(self._flows),
            "opened_anew": packed(self._anew),
            "told_before": packed(self._things),
        } | self.runs.snapshot()

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        self._flows = unpacked(state, "closed_quiet", dict[str, bytes])
        self._anew = unpacked(state, "opened_anew", dict[str, bytes])
        # Older states hold no such thing.
        told = unpacked(state, "told_before", dict[str, bytes]) if "told_before" in state else {}
        if any(len(one) % _THING for one in told.values()):
            raise BundleError("The state is damaged (what was told before is cut off).")
        self._things, self._number = told, sum(map(len, told.values())) // _THING
        self.runs.restore(state)


_Row = tuple[Thing, str, str, str, tuple[Said, ...], tuple[Said, ...], str, Source]
"""The fields of a `_Told`: most are never made one."""


def _told(trace: Trace) -> Iterator[tuple[bytes, _Row]]:
    """What documents tell of runs and steps that are complete, each with its digest."""
    for run_id, draft in trace.drafts.items():
        for part in draft.parts:
            yield from _of_run(part.head, part.source)
            yield from _of_steps(part.events, part.head, run_id, part.source)
    for piece, source in zip(trace.pieces, trace.sources, strict=True):
        yield from _of_steps(piece.steps, piece, piece.parent_id, source)


def _of_run(head: Span, source: Source) -> Iterator[tuple[bytes, _Row]]:
    if head.end_time is None or head.in_progress:
        return
    said: tuple[tuple[str, tuple[Said, ...]], ...] = (
        ("account", (head.account,)),
        ("application", (head.application_name,)),
        ("caller", (head.caller,)),
        ("name", (_name(head),)),
        ("outcome", (head.error,)),
        ("parent", (head.parent_id,)),
        ("region", (head.region,)),
        ("request", (head.request_id,)),
        ("times", (head.start_time, head.end_time)),
        ("trigger", (head.trigger,)),
        ("version", (head.version,)),
    )
    run_id, witness = head.span_id or "", "+".join(head.witnesses)
    for aspect, told in said:
        if told[0] is not None or aspect == "parent":
            digest = _digest_of(_kind("run", aspect, witness), run_id, told)
            yield digest, ("run", run_id, head.function_name, aspect, told, told, witness, source)


def _name(head: Span) -> str:
    """All names that a document gives."""
    return f"{head.function_name} ({head.other_name})" if head.other_name else head.function_name


def _of_steps(
    events: Sequence[Event], head: Span, above: str | None, source: Source
) -> Iterator[tuple[bytes, _Row]]:
    own = "+".join(head.witnesses)
    for event in events:
        start, end, of, name = event.start_time, event.end_time, event.event_id, event.event_name
        if end > start:
            parent = event.event_parent_id or above
            told = (name, event.event_type, event.event_target_resource, parent, event.error, start, end)
            witness = event.witness or own
            digest = _digest_of(_kind("step", "step", witness), of, told)
            yield digest, ("step", of, name, "step", told, (name,), witness, source)


def _with(flow: Flow, otherwise: Sequence[_Told]) -> Flow:
    """The flow, with what is told otherwise of it than before."""
    steps = {event.event_id for event in flow.events}
    things: dict[tuple[Thing, str], list[_Told]] = defaultdict(list)
    for one in otherwise:
        if one.id == flow.function_flow_id if one.of == "run" else one.id in steps:
            things[one.of, one.id].append(one)
    if not things:
        return flow
    found = [_contradiction(some) for some in things.values()]
    return replace(flow, contradictions=told_together([*flow.contradictions, *found]))


def _contradiction(told: Sequence[_Told]) -> Contradiction:
    """That one thing is told otherwise than before, in all respects in which it is."""
    by_aspect = {
        one.aspect: one for one in sorted(told, key=lambda one: (one.source, repr(one.told)), reverse=True)
    }
    first = by_aspect[min(by_aspect)]
    aspects = tuple(sorted(by_aspect))
    values = tuple([value for aspect in aspects for value in by_aspect[aspect].shown])
    return Contradiction(
        first.of, first.id, first.name, aspects, (Statement(values, first.witness, *first.source), _EARLIER)
    )


def _digest(told: Flow) -> bytes:
    """Of a flow, without what only says that it was told otherwise before."""
    own = tuple([one for one in told.contradictions if _EARLIER not in one.statements])
    told = told if len(own) == len(told.contradictions) else replace(told, contradictions=own)
    return blake2b(_encode(told), digest_size=_FLOW).digest()


def _parted(digests: bytes, size: int) -> list[bytes]:
    return [digests[first : first + size] for first in range(0, len(digests), size)]
