"""Traces that were closed once they were quiet, as digests of what they told: of what comes for them later,
what is new, and what cannot be true beside it.

A digest is enough to know that a document tells a run or a step otherwise than one that was judged before;
what that one said is gone. Only what was complete is compared, and only with what a document of the same
format tells: forms of one record that come late (`forms.py`) contradict each other in nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

import msgspec
from msgspec.structs import replace

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

    @property
    def which(self) -> bytes:
        """Tells the thing and the respect from all others of its trace."""
        name = f"{self.of}\0{self.aspect}\0{self.witness}\0{self.id}"
        return crc32(name.encode("utf-8", "surrogatepass")).to_bytes(_ID, "little")

    @property
    def digest(self) -> bytes:
        """`which`, and a digest of what is told."""
        return self.which + blake2b(_encode(self.told), digest_size=_THING - _ID).digest()


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

    def __contains__(self, trace_id: str) -> bool:
        return trace_id in self._flows

    def open(self, trace_id: str) -> None:
        """Note that more comes for a trace, if it was closed before."""
        if trace_id in self._flows:
            self._anew[trace_id] = self._flows.pop(trace_id)

    def close(self, trace_id: str, trace: Trace, flows: Iterable[AnyFlow]) -> None:
        """Remember a trace, and the flows that were given of it now."""
        known = self._things.pop(trace_id, b"")
        things = b"".join(dict.fromkeys([*_parted(known, _THING), *[one.digest for one in _told(trace)]]))
        self._things[trace_id] = things
        self._number += (len(things) - len(known)) // _THING
        self._flows[trace_id] = self._anew.pop(trace_id, b"") + b"".join(map(_digest, flows))
        if len(self._flows) > _MOST_TRACES:
            first = next(iter(self._flows))
            del self._flows[first]
            self._forget(first)
        while self._number > _MOST_THINGS:
            self._forget(next(iter(self._things)))

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
        for one in _told(trace):
            if one.which in before and one.digest not in known:
                yield one

    def snapshot(self) -> State:
        """All that is remembered, for `restore`."""
        return {
            "closed_quiet": packed(self._flows),
            "opened_anew": packed(self._anew),
            "told_before": packed(self._things),
        }

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        self._flows = unpacked(state, "closed_quiet", dict[str, bytes])
        self._anew = unpacked(state, "opened_anew", dict[str, bytes])
        # Older states hold no such thing.
        told = unpacked(state, "told_before", dict[str, bytes]) if "told_before" in state else {}
        if any(len(one) % _THING for one in told.values()):
            raise BundleError("The state is damaged (what was told before is cut off).")
        self._things, self._number = told, sum(map(len, told.values())) // _THING


def _told(trace: Trace) -> Iterator[_Told]:
    """What documents tell of runs and steps that are complete."""
    for run_id, draft in trace.drafts.items():
        for part in draft.parts:
            yield from _of_run(part.head, part.source)
            yield from _of_steps(part.events, part.head, run_id, part.source)
    for piece, source in zip(trace.pieces, trace.sources, strict=True):
        yield from _of_steps(piece.steps, piece, piece.parent_id, source)


def _of_run(head: Span, source: Source) -> Iterator[_Told]:
    if head.end_time is None or head.in_progress:
        return
    said: dict[str, tuple[Said, ...]] = {
        "account": (head.account,),
        "application": (head.application_name,),
        "caller": (head.caller,),
        "name": (head.other_name or head.function_name,),
        "outcome": (head.error,),
        "parent": (head.parent_id,),
        "region": (head.region,),
        "request": (head.request_id,),
        "times": (head.start_time, head.end_time),
        "trigger": (head.trigger,),
        "version": (head.version,),
    }
    run_id, witness = head.span_id or "", "+".join(head.witnesses)
    for aspect, told in said.items():
        if None not in told or aspect == "parent":
            yield _Told("run", run_id, head.function_name, aspect, told, told, witness, source)


def _of_steps(events: Sequence[Event], head: Span, above: str | None, source: Source) -> Iterator[_Told]:
    witness = "+".join(head.witnesses)
    for event in events:
        if event.end_time > event.start_time:
            told = (
                event.event_name,
                event.event_type,
                event.event_target_resource,
                event.event_parent_id or above,
                event.error,
                event.start_time,
                event.end_time,
            )
            of, shown = event.event_id, (event.event_name,)
            yield _Told("step", of, event.event_name, "step", told, shown, event.witness or witness, source)


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


def _digest(flow: AnyFlow) -> bytes:
    """Of a flow, without what only says that it was told otherwise before."""
    told = whole(flow)
    own = tuple([one for one in told.contradictions if _EARLIER not in one.statements])
    told = told if len(own) == len(told.contradictions) else replace(told, contradictions=own)
    return blake2b(_encode(told), digest_size=_FLOW).digest()


def _parted(digests: bytes, size: int) -> list[bytes]:
    return [digests[first : first + size] for first in range(0, len(digests), size)]
