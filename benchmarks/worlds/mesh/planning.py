"""Plans faults: of each kind one, where enough happens in two minutes that it can be seen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from random import Random
from statistics import median

from benchmarks.worlds.grammars import Call, Kind, Row, kinds_in
from benchmarks.worlds.mesh.application import Mesh
from benchmarks.worlds.mesh.drawing import FAST_S, SLOW_S
from benchmarks.worlds.mesh.faults import Fault
from benchmarks.worlds.mesh.serving import MINUTE_S, Serving, Trace, runs_in

LEAD_S, FAULT_S, REST_S = 6 * MINUTE_S, 2 * MINUTE_S, MINUTE_S
"""Before the first fault, of each, and after each."""
BUSY = 30
"""Runs a minute from which an endpoint may be struck."""
VISIBLE = 30
"""Changed runs from which a fault is counted as visible."""
LOST = 0.5
"""The share of runs that lack a step."""
WHOLE = (1.5, 3.0)
"""How many times as long whole runs take, between."""
STEPS = 3
"""Calls from which an endpoint is slow in several steps."""


class Usual:
    """What endpoints do in a minute without faults."""

    def __init__(self, mesh: Mesh, traces: Sequence[Trace]) -> None:
        self.mesh = mesh
        self.times: dict[str, list[float]] = defaultdict(list)
        """(endpoint) seconds of each run"""
        self.calls: Counter[str] = Counter()
        """(letter)"""
        self.spent: defaultdict[str, float] = defaultdict(float)
        """(endpoint) seconds of calls that no service answers"""
        for run in (run for trace in traces for run in runs_in(trace.root)):
            name = f"{run.endpoint.service} {run.endpoint.route}"
            self.times[name].append(run.end - run.start)
            for call in run.calls:
                self.calls[call.kind.letter] += 1
                if call.answer is None:
                    self.spent[name] += call.end - call.start

    @property
    def busy(self) -> list[str]:
        """The endpoints that run often enough."""
        return [name for name, times in self.times.items() if len(times) >= BUSY]

    def kinds(self, name: str) -> list[Kind]:
        """The calls of an endpoint that no service answers, and that are made often enough."""
        kinds = kinds_in(self.mesh.endpoints[name].grammar)
        return [kind for kind in kinds if kind.starts is None and self.calls[kind.letter] >= BUSY]


Plan = Callable[[Usual, Random, float, float], Fault | None]


def planned(mesh: Mesh, start: float) -> list[Fault]:
    """The faults of a mesh one after another, in a drawn order."""
    random = Random(f"mesh {mesh.seed} faults")
    usual = Usual(mesh, list(Serving(mesh, "usual").between(0.0, MINUTE_S)))
    plans = random.sample(PLANS, len(PLANS))
    times = ((start + LEAD_S + at * (FAULT_S + REST_S)) for at in range(len(plans)))
    found = (plan(usual, random, at, at + FAULT_S) for plan, at in zip(plans, times, strict=True))
    return [fault for fault in found if fault is not None]


def length_s() -> float:
    """Seconds of all that is judged."""
    return LEAD_S + len(PLANS) * (FAULT_S + REST_S)


def _fast_calls(usual: Usual) -> list[tuple[str, Kind]]:
    return [
        (name, kind) for name in usual.busy for kind in usual.kinds(name)
        if FAST_S[0] <= kind.latency.median <= FAST_S[1]
    ]  # fmt: skip


def tenfold(usual: Usual, random: Random, start: float, end: float) -> Fault | None:
    """A call of 3 ms takes 30."""
    return _slow_call("3 ms call takes 30 ms", 10.0, usual, random, start, end)


def hundredfold(usual: Usual, random: Random, start: float, end: float) -> Fault | None:
    """A call of 3 ms takes 498."""
    return _slow_call("3 ms call takes 498 ms", 166.0, usual, random, start, end)


def _slow_call(
    what: str, times: float, usual: Usual, random: Random, start: float, end: float
) -> Fault | None:
    found = _fast_calls(usual)
    if not found:
        return None
    name, kind = random.choice(found)
    return Fault(what, start, end, frozenset([name]), frozenset([kind.letter]), times)


def in_several_steps(usual: Usual, random: Random, start: float, end: float) -> Fault | None:
    """A call of about 200 ms takes 2 s: each of several steps of the run that answers it takes tenfold."""
    found = [
        name for name in usual.busy
        if len(usual.kinds(name)) >= STEPS
        and 0.7 * SLOW_S[0] <= usual.spent[name] / len(usual.times[name]) <= 1.3 * SLOW_S[1]
    ]  # fmt: skip
    if not found:
        return None
    name = random.choice(found)
    letters = frozenset(kind.letter for kind in usual.kinds(name))
    what = "200 ms call takes 2 s, over several steps"
    return Fault(what, start, end, frozenset([name]), letters, 10.0)


def lost_step(usual: Usual, random: Random, start: float, end: float) -> Fault | None:
    """A call that each run makes is not made in half of them."""
    found = [
        (name, part.kind) for name in usual.busy for part in _parts(usual.mesh, name)
        if isinstance(part, Call)
    ]  # fmt: skip
    if not found:
        return None
    name, kind = random.choice(found)
    what = "step lost in half of the runs"
    return Fault(what, start, end, frozenset([name]), frozenset([kind.letter]), lost=LOST)


def _parts(mesh: Mesh, name: str) -> Iterator[object]:
    grammar = mesh.endpoints[name].grammar
    yield from grammar.parts if isinstance(grammar, Row) else (grammar,)


def failing(usual: Usual, random: Random, start: float, end: float) -> Fault | None:
    """A service fails in many of its runs."""
    names = _of_a_service(usual, random)
    if names is None:
        return None
    return Fault("service fails", start, end, names, failing=random.uniform(0.3, 1.0))


def slower(usual: Usual, random: Random, start: float, end: float) -> Fault | None:
    """Whole runs of a service take one and a half times to three times as long; no call of theirs does."""
    names, times = _of_a_service(usual, random), random.uniform(*WHOLE)
    if names is None:
        return None
    more = {name: (times - 1.0) * median(usual.times[name]) for name in names if name in usual.times}
    return Fault("whole runs moderately slower", start, end, names, more=more)


def _of_a_service(usual: Usual, random: Random) -> frozenset[str] | None:
    """All endpoints of one service of those that are busy."""
    services = list(dict.fromkeys(usual.mesh.endpoints[name].service for name in usual.busy))
    if not services:
        return None
    service = random.choice(services)
    return frozenset(name for name, one in usual.mesh.endpoints.items() if one.service == service)


PLANS: tuple[Plan, ...] = (tenfold, hundredfold, in_several_steps, lost_step, failing, slower)
"""All kinds of faults; one line to add."""
