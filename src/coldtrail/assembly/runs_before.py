"""What the runs and steps of closed traces were, as digests: enough to know a run that is told again, in any
format, and a piece that comes too late for its run.

A run is one that was told before by its id; or, told by another format, by its function and its request, by
its function and its start, or by standing within the run of that function that was told. What comes of it
again is a repeat where it holds no step that was not told; news where it holds all that was told and more;
and else a late piece, which is never judged as if it were the run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from enum import Enum
from hashlib import blake2b
from math import isfinite

import msgspec
from msgspec import Struct

from coldtrail.assembly.forms import ROUNDING_S
from coldtrail.assembly.loose import Ups, above_of, pieces_of, ups_of
from coldtrail.assembly.trace import Trace
from coldtrail.errors import BundleError
from coldtrail.records.flow import Event, Flow
from coldtrail.records.stage import State, packed, unpacked
from coldtrail.records.telemetry import Span

MOST_BYTES = 32_000_000
"""Beyond them what was told in the traces that were closed first is forgotten."""
_SIZE = 6
"""Bytes of a digest."""
_APART_S = 1.0
"""How far one invocation's start may lie outside of what another format tells of it."""
_LIFECYCLE = "lifecycle"
_MOST_COMPARED = 100
"""Runs of one trace with one id, one request or one start."""


class Again(Enum):
    """What comes of a trace that was closed before."""

    NEW = "a run that was not told"
    MORE = "a run that was told, with all that was told and more"
    REPEAT = "nothing that was not told"
    LATE = "pieces of a run that was told"


class _Run(Struct, frozen=True, gc=False, array_like=True):
    """A run that was told."""

    within: bytes
    """Its id, and those of the steps of its life cycle."""
    function: bytes
    request: bytes
    """Empty where it is not told."""
    witness: bytes
    start: float
    end: float
    complete: bool
    error: bool
    steps: bytes
    """Of each by its id; and once more of one that has ended."""
    names: bytes
    """Of what they do."""


class _Told(Struct, frozen=True, gc=False, array_like=True):
    """What was told in a trace."""

    runs: list[_Run]
    loose: bytes
    """What steps were below that belonged to no run."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Told).decode
_NOTHING = _Told([], b"")


_BY_NEWS = (Again.REPEAT, Again.MORE, Again.LATE)


class _Index:
    """What was told in a trace, by ids and times, so that of many runs few are compared."""

    def __init__(self, told: _Told) -> None:
        self.told = told
        self.loose = set(_parted(told.loose))
        self.within: dict[bytes, list[_Run]] = defaultdict(list)
        self.steps: dict[bytes, _Run] = {}
        self._requests: dict[bytes, list[_Run]] = defaultdict(list)
        self._starts: dict[int, list[_Run]] = defaultdict(list)
        for run in told.runs:
            for one in _parted(run.within):
                self.within[one].append(run)
            self.steps.update(dict.fromkeys(_parted(run.steps), run))
            self._requests[run.request].append(run)
            self._starts[_place(run.start)].append(run)

    def near(self, run: _Run, above: Iterable[bytes]) -> list[_Run]:
        """Those that may be the same as a run below these; of very many some."""
        at, request = _place(run.start), self._requests.get(run.request, []) if run.request else []
        some = [self.within.get(one, []) for one in (run.within[:_SIZE], *above)]
        some += [request, *[self._starts.get(place, []) for place in (at - 1, at, at + 1)]]
        return [one for runs in some for one in runs[:_MOST_COMPARED]]


def _place(start: float) -> int:
    return int(start // ROUNDING_S) if isfinite(start) else 0


class RunsBefore:
    """Remembers what was told in the traces that were closed last."""

    def __init__(self) -> None:
        self._told: dict[str, bytes] = {}
        self._bytes = 0
        self._last: tuple[str, _Index] | None = None

    def close(self, trace_id: str, trace: Trace, flows: Sequence[Flow]) -> None:
        """Remember a trace, and the flows that were given of it now."""
        before = self._in(trace_id).told
        self.forget(trace_id)
        loose = before.loose + b"".join(_loose(trace, flows))
        data = _encode(_Told([*before.runs, *map(_run, flows)], loose))
        self._told[trace_id] = data
        self._bytes += len(data)
        while self._bytes > MOST_BYTES:
            self.forget(next(iter(self._told)))

    def forget(self, trace_id: str) -> None:
        """Remember a trace no more."""
        self._last = None
        self._bytes -= len(self._told.pop(trace_id, b""))

    def again(self, trace_id: str, flow: Flow, parents: Iterable[str | None]) -> tuple[Again, int]:
        """What comes of a flow of a trace that was closed before, below these runs or steps; and how many
        steps of a late piece are new, 1 at least."""
        run, above = _run(flow), {_digest(one) for one in parents if one is not None}
        near = self._in(trace_id).near(run, above)
        found = [_compared(one, run, flow.events) for one in near if _is_same(one, run, above)]
        return min(found, key=lambda one: _BY_NEWS.index(one[0]), default=(Again.NEW, 0))

    def lacks(self, trace_id: str, trace: Trace) -> bool:
        """Whether steps that were let go are said to be below what comes now of a trace, or may be: what was
        told in it is remembered no more."""
        if trace_id not in self._told:
            return True
        loose = self._in(trace_id).loose
        return bool(loose) and not loose.isdisjoint(map(_digest, _ids(trace)))

    def late(self, trace_id: str, piece: Span, ups: Ups) -> int | None:
        """How many steps of a piece that belongs to no run that came are new, of a run that was told before;
        None where it belongs to none of these either."""
        told = self._in(trace_id)
        ids = {_digest(event.event_id) for event in piece.steps}
        above = [_digest(one) for one in above_of(piece.parent_id, ups)]
        part_of_call = piece.parent_id in ups or piece.span_id is not None
        inside = [one for one in above if one in told.within]
        steps = [one for one in (*ids, *(() if part_of_call else above)) if one in told.steps]
        run = told.within[inside[0]][0] if inside else told.steps[steps[0]] if steps else None
        if run is None:
            return None
        return 0 if ids <= told.steps.keys() else _compared(run, _as_run(piece), piece.steps)[1]

    def _in(self, trace_id: str) -> _Index:
        """What was told in a trace; the last one asked for is at hand."""
        if self._last is None or self._last[0] != trace_id:
            data = self._told.get(trace_id)
            self._last = trace_id, _Index(_NOTHING if data is None else _decode(data))
        return self._last[1]

    def snapshot(self) -> State:
        """All that is remembered, for `restore`."""
        return {"runs_before": packed(self._told)}

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        # Older states hold no such thing.
        told = unpacked(state, "runs_before", dict[str, bytes]) if "runs_before" in state else {}
        try:
            for one in told.values():
                _decode(one)
        except msgspec.DecodeError:
            raise BundleError("The state is damaged (the runs of closed traces cannot be read).") from None
        self._told, self._bytes, self._last = told, sum(map(len, told.values())), None


def _run(flow: Flow) -> _Run:
    own = [event.event_id for event in flow.events if event.event_type == _LIFECYCLE]
    request = flow.request_id
    return _Run(
        b"".join(map(_digest, [flow.function_flow_id, *own])),
        _digest(flow.function_name),
        b"" if request is None else _digest(request.lower()),
        _digest("+".join(flow.witnesses)),
        flow.start_time,
        flow.end_time,
        flow.complete,
        flow.error,
        b"".join([form for event in flow.events for form in _forms(event)]),
        b"".join(dict.fromkeys(map(_name, flow.events))),
    )


def _as_run(piece: Span) -> _Run:
    steps = b"".join([form for event in piece.steps for form in _forms(event)])
    return _Run(b"", b"", b"", _digest("+".join(piece.witnesses)), 0, 0, False, False, steps, b"")


def _is_same(told: _Run, run: _Run, above: Set[bytes]) -> bool:
    """Whether both are one invocation."""
    if told.within[:_SIZE] == run.within[:_SIZE]:
        return True
    if told.function != run.function:
        return False
    if not above.isdisjoint(_parted(told.within)):
        return True
    if told.witness == run.witness:
        return False
    if told.request and told.request == run.request:
        return told.start - _APART_S <= run.start <= told.end + _APART_S
    return abs(told.start - run.start) <= ROUNDING_S


def _compared(told: _Run, run: _Run, events: Sequence[Event]) -> tuple[Again, int]:
    """What a run tells that was told before, and how many steps of it were not."""
    known = set(_parted(told.steps))
    new = [event for event in events if not known.issuperset(_forms(event))]
    if told.witness != run.witness:
        # Other formats may give other ids, and some tell nothing of the life cycle.
        names = set(_parted(told.names))
        new = [one for one in new if one.event_type != _LIFECYCLE and _name(one) not in names]
    grown = (run.complete and not told.complete) or (run.error and not told.error)
    if not new and not grown:
        return Again.REPEAT, 0
    if known.issubset(_parted(run.steps)):
        return Again.MORE, len(new)
    return Again.LATE, max(len(new), 1)


def _loose(trace: Trace, flows: Sequence[Flow]) -> Iterator[bytes]:
    """What pieces are below that belong to no run."""
    pieces = pieces_of(trace)
    if not pieces:
        return
    taken, ups = {event.event_id for flow in flows for event in flow.events}, ups_of(trace)
    for piece in pieces:
        if piece.steps and taken.isdisjoint([event.event_id for event in piece.steps]):
            yield from map(_digest, above_of(piece.parent_id, ups))


def _ids(trace: Trace) -> Iterator[str]:
    """Of all runs, their steps, and links."""
    yield from trace.links
    for run_id, draft in trace.drafts.items():
        yield run_id
        for part in draft.parts:
            yield from [event.event_id for event in part.events]


def _forms(event: Event) -> tuple[bytes, ...]:
    """A step by its id; once more where it has ended."""
    ended = event.end_time > event.start_time
    return (
        (_digest(event.event_id), _digest(f"{event.event_id}\0ended"))
        if ended
        else (_digest(event.event_id),)
    )


def _name(event: Event) -> bytes:
    return _digest(f"{event.event_name}\0{event.event_target_resource}")


def _digest(one: str) -> bytes:
    return blake2b(one.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()


def _parted(digests: bytes) -> list[bytes]:
    return [digests[first : first + _SIZE] for first in range(0, len(digests), _SIZE)]
