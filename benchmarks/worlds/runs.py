"""Runs of a world's functions: the calls and the times of each, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

from msgspec import Struct, field

from benchmarks.worlds.grammars import Step, walk
from benchmarks.worlds.world import DAY_S, Entry, Function, World

MOST_FLOWS = 60
"""Of one trace."""


class Made(Struct):
    """A call as it was made: `start` and `end` in epoch seconds."""

    service: str
    action: str
    target: str
    start: float = 0.0
    end: float = 0.0
    error: bool = False
    seconds: float = 0.0
    """How long it takes."""
    group: int = 0
    """Those of one group are made at once."""
    planted: bool = False
    """Whether an attack made it, or changed it."""
    starts: str | None = None
    letter: str = ""


class Run(Struct):
    """One invocation."""

    function: str
    trigger: str | None
    caller: str | None
    version: str | None
    trace: int
    start: float
    calls: list[Made]
    own: float
    """Seconds of its own code."""
    starting: float | None = None
    """Seconds of its cold start."""
    failed: bool = False
    end: float = 0.0
    attack: str | None = None
    whole: bool = False
    """Whether the attack shows in the run as a whole: its own time, what started it."""
    beside: list[int] = field(default_factory=list)
    """The calls beside which something is missing; their number stands for the end of the run."""
    region: str | None = None

    def place(self) -> None:
        """Gives every call its times, and the run its end; own code runs before, between and after calls."""
        gaps = len({call.group for call in self.calls}) + 1
        at = self.start + self.own / gaps
        latest, group = at, None
        for call in self.calls:
            if group is not None and call.group != group:
                at = latest + self.own / gaps
            elif group is not None:
                at += 0.0004
            group = call.group
            call.start, call.end = at, at + call.seconds
            latest = max(latest, call.end)
        self.end = (latest if self.calls else at) + self.own / gaps


Change = Callable[[Run, Random], None]
"""Changes a run before its calls have times."""


class Simulation:
    """Runs of a world in the order in which they are started, with the instances that serve them."""

    def __init__(self, world: World, seed: str, change: Change | None = None, busier: float = 1.0) -> None:
        self.world = world
        self.random = Random(f"{world.seed} {seed}")
        self.change = change
        self.busier = busier
        self._free: dict[str, list[float]] = {}
        """(function) when each instance became free."""
        self._trace = 0

    def between(self, start: float, end: float) -> Iterator[Run]:
        """The runs of the traces that begin in some time; traces that are not sampled are not given."""
        starts = [pair for entry in self.world.entries for pair in self._starts(entry, start, end)]
        for at, function in sorted(starts):
            self._trace += 1
            runs = list(self.traced(function, at))
            if self.random.random() < self.world.sampled:
                yield from runs

    def _starts(self, entry: Entry, start: float, end: float) -> Iterator[tuple[float, str]]:
        random = self.random
        if entry.every_s:
            at = start - start % entry.every_s + entry.every_s / 2
            while at < end:
                if at >= start:
                    yield at + random.uniform(0.0, 2.0), entry.function
                at += entry.every_s
            return
        highest = entry.a_day / DAY_S * max(self.world.hours) * self.busier
        at = start
        while highest > 0.0 and (at := at + random.expovariate(highest)) < end:
            is_open = entry.opens <= at % DAY_S / 3_600.0 < entry.closes
            if random.random() < self._busy(at) / max(self.world.hours) and is_open:
                yield at, entry.function

    def _busy(self, at: float) -> float:
        day = int(at // DAY_S + 3) % 7
        return self.world.hours[int(at % DAY_S // 3_600)] * (self.world.weekend if day >= 5 else 1.0)

    def traced(self, function: str, at: float) -> Iterator[Run]:
        """The runs of one trace, which begins with a function."""
        waiting = [(function, at)]
        for _ in range(MOST_FLOWS):
            if not waiting:
                return
            function, at = waiting.pop(0)
            run = self.run(self.world.functions[function], at)
            yield run
            for call in run.calls:
                if call.starts and not call.error:
                    delay = 0.005 if call.service == "Lambda" else self.random.lognormvariate(-2.5, 0.7)
                    waiting.append((call.starts, call.end + delay))

    def run(self, function: Function, at: float) -> Run:
        """A run of a function."""
        random = self.random
        steps = walk(function.grammar, random)
        failed = random.random() < function.failing.chance
        calls = [self.made(step, at) for step in steps]
        _tried_again(steps, calls)
        if failed:
            calls = self._failed(function, calls, at)
        run = Run(
            function.name,
            function.trigger,
            function.caller,
            function.version,
            self._trace,
            at,
            calls,
            function.own.draw(random),
            failed=failed,
        )
        run.starting = self._cold(function, at)
        if run.starting is not None:
            self._slower_first(run)
        if self.change is not None:
            self.change(run, random)
        run.place()
        self._free.setdefault(function.name, []).append(run.end)
        return run

    def made(self, step: Step, at: float) -> Made:
        """The call of a step."""
        kind, random = step.kind, self.random
        seconds = kind.latency.draw(random)
        if step.fails and kind.timeout_s is not None:
            seconds = kind.timeout_s
        return Made(
            kind.service,
            kind.action,
            kind.name.draw(random, at),
            error=step.fails,
            seconds=seconds,
            group=step.group,
            starts=None if step.fails else kind.starts,
            letter=kind.letter,
        )

    def _failed(self, function: Function, calls: list[Made], at: float) -> list[Made]:
        """What a run does that fails: it ends after a call, often one that failed, and may report it."""
        if calls:
            calls = calls[: self.random.randint(1, len(calls))]
            calls[-1].error = self.random.random() < 0.7
        reports = function.failing.reports
        if reports is not None and self.random.random() < function.failing.reporting:
            calls.append(self.made(Step(reports, calls[-1].group + 1 if calls else 0), at))
        return calls

    def _cold(self, function: Function, at: float) -> float | None:
        """The seconds of a cold start where no instance is free."""
        free = [one for one in self._free.get(function.name, []) if at - one < function.idle_s]
        ready = [one for one in free if one <= at]
        if ready:
            free.remove(max(ready))
        self._free[function.name] = free
        return None if ready else function.starting.draw(self.random)

    def _slower_first(self, run: Run) -> None:
        """The first calls of an instance wait for connections."""
        for call in run.calls[:2]:
            call.seconds += self.random.uniform(0.02, 0.2)
        run.own *= self.random.uniform(1.0, 3.0)


def _tried_again(steps: Sequence[Step], calls: Sequence[Made]) -> None:
    """A call that is made again after it failed is the same call, to the same thing."""
    for at, step in enumerate(steps[:-1]):
        if step.fails:
            calls[at + 1].target = calls[at].target
