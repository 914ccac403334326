"""Traces of a mesh: runs of services within each other, with their times, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from msgspec import Struct, field

from benchmarks.worlds.grammars import Kind, Step, walk
from benchmarks.worlds.mesh.application import Endpoint, Mesh
from benchmarks.worlds.mesh.faults import Fault

MINUTE_S = 60.0
CROWDED = 0.4
"""How much slower, at most, traces of a burst are."""
PAUSES, PAUSE_S = 0.003, (0.01, 0.08)
"""The share of runs in which the runtime pauses, and for how long."""
BURST_S = 0.6
"""How long a burst takes to begin, about: its traces overlap."""
AT_ONCE_S = 0.0003
"""Between the starts of calls made at once."""


class Called(Struct):
    """A call as it was made; times are epoch seconds."""

    kind: Kind
    start: float
    end: float
    error: bool = False
    answer: Served | None = None
    """The run that answered, where a service did."""
    slowed: Fault | None = None
    """The fault that made it slower by itself."""


class Served(Struct):
    """A run of a service."""

    endpoint: Endpoint
    start: float
    end: float = 0.0
    error: bool = False
    calls: list[Called] = field(default_factory=list)
    changed: Fault | None = None
    """The fault that changed it, or a run that it called."""


class Trace(Struct, frozen=True):
    """All that one request of a person led to."""

    number: int
    start: float
    root: Served


class Serving:
    """What a mesh does in some time, with what is at fault."""

    def __init__(self, mesh: Mesh, seed: str, faults: Sequence[Fault] = ()) -> None:
        self.mesh = mesh
        self.faults = faults
        self.random = Random(f"mesh {mesh.seed} {seed}")
        self._entries = list(mesh.entries)
        self._weights = list(mesh.entries.values())
        self._pace = 1.0

    def between(self, start: float, end: float) -> Iterator[Trace]:
        """The traces that begin in some time, in the order of their starts."""
        starts = sorted(self._starts(start, end))
        for number, (at, crowded) in enumerate(starts, 1):
            yield self.trace(at, number, crowded)

    def _starts(self, start: float, end: float) -> Iterator[tuple[float, bool]]:
        """When traces start, and whether within a burst."""
        random, mesh = self.random, self.mesh
        alone = mesh.traces_a_minute * (1.0 - mesh.burst_share) / MINUTE_S
        bursts = mesh.traces_a_minute * mesh.burst_share / mesh.burst_traces / MINUTE_S
        at = start
        while (at := at + random.expovariate(alone)) < end:
            yield at, False
        at = start
        while (at := at + random.expovariate(bursts)) < end:
            number = 1 + round(random.expovariate(1.0 / max(mesh.burst_traces - 1.0, 1e-9)))
            when = at
            for _ in range(number):
                if when < end:
                    yield when, number > 1
                when += random.expovariate(number / BURST_S)

    def trace(self, at: float, number: int, crowded: bool = False) -> Trace:
        """One trace."""
        random = self.random
        self._pace = random.lognormvariate(0.0, self.mesh.pace_sigma)
        if crowded:
            self._pace *= 1.0 + random.random() * CROWDED
        (entry,) = random.choices(self._entries, self._weights)
        return Trace(number, at, self._serve(entry, at))

    def _serve(self, name: str, at: float) -> Served:
        """The run of an endpoint."""
        random, endpoint = self.random, self.mesh.endpoints[name]
        fault = next((one for one in self.faults if one.strikes(name, at)), None)
        run = Served(endpoint, at)
        own = endpoint.own.draw(random) * self._pace
        if random.random() < PAUSES:
            own += random.uniform(*PAUSE_S)
        steps = walk(endpoint.grammar, random)
        fails = random.random() < endpoint.failing
        if fault is not None:
            left = fault.left(steps, random)
            struck, more = fault.breaks(random), fault.more.get(name, 0.0)
            if len(left) < len(steps) or struck or more:
                run.changed = fault
            steps, fails, own = left, fails or struck, own + more
        if fails:
            steps, run.error = steps[: random.randint(0, len(steps))], True
        self._call_all(run, steps, own, fault)
        return run

    def _call_all(self, run: Served, steps: Sequence[Step], own: float, fault: Fault | None) -> None:
        """Makes the calls of a run; its own code runs before, between and after them."""
        gap = own / (len({step.group for step in steps}) + 1)
        at = latest = run.start + gap
        group = None
        for step in steps:
            if group is not None:
                at = latest + gap if step.group != group else at + AT_ONCE_S
            group = step.group
            call = self._call(run, step, at, fault)
            run.calls.append(call)
            latest = max(latest, call.end)
            if call.error and call.answer is not None and not run.endpoint.careful:
                run.error = True
                break
        run.end = latest + gap

    def _call(self, run: Served, step: Step, at: float, fault: Fault | None) -> Called:
        kind = step.kind
        seconds = kind.latency.draw(self.random) * self._pace
        slowed = fault if fault is not None and fault.slows(kind) else None
        if slowed is not None:
            seconds *= slowed.times
            run.changed = slowed
        if kind.starts is None or step.fails:
            return Called(kind, at, at + seconds, step.fails, None, slowed)
        answer = self._serve(kind.starts, at + seconds / 2)
        if answer.changed is not None:
            run.changed = answer.changed
        return Called(kind, at, answer.end + seconds / 2, answer.error, answer)


def runs_in(run: Served) -> Iterator[Served]:
    """The run, and all within it."""
    yield run
    for call in run.calls:
        if call.answer is not None:
            yield from runs_in(call.answer)


def flows_in(trace: Trace) -> int:
    """How many runs a trace has."""
    return sum(1 for _ in runs_in(trace.root))
