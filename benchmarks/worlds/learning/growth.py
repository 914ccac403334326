"""What is told as the history of one busy function grows, while the rest of its application stays as busy.

The shorter histories are the ends of the longer ones, and the same runs are judged after each.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from random import Random

from benchmarks.quality.figures import Rate
from benchmarks.worlds.attacking import attacked_run
from benchmarks.worlds.attacks import ATTACKS
from benchmarks.worlds.changes import slower, usual_letters
from benchmarks.worlds.drawing import scaled
from benchmarks.worlds.grammars import Call, Kind, Row
from benchmarks.worlds.learning.ground import Ground
from benchmarks.worlds.learning.outcome import Learned, count, count_flows, found_in
from benchmarks.worlds.learning.sizes import nine_functions
from benchmarks.worlds.product import Told
from benchmarks.worlds.runs import Change, Run, Simulation
from benchmarks.worlds.world import DAY_S, Function, World

SIZES = (1_500, 4_000, 8_616, 30_000, 100_000)
"""Runs of the busy function in the history."""
A_DAY = 10_000.0
"""Runs of it a day."""
OTHERS_A_DAY = 1_000.0
FIRST_TRACE = 10_000_000
"""Beyond the numbers of all other traces."""
LASTING_RUNS = 400
"""Of what lasts, and as many before it."""
MANY = 10
"""Runs of an alert from which it tells what lasts, where it is no alert of a change."""
OF_A_KIND = 2
FORGOTTEN = "told after some shorter history: told still"


def by_growth(outcome: Learned, ground: Ground) -> None:
    """Learns ever longer histories, and judges the same attacks and changes that last."""
    world = scaled(nine_functions(outcome.seed), OTHERS_A_DAY)
    random = Random(f"{outcome.seed} growth")
    name = random.choice([one.function for one in world.entries])
    function = world.functions[name]
    end = world.judged_from
    busy = list(runs_of(world, function, "long", end - SIZES[-1] / A_DAY * DAY_S, SIZES[-1]))
    others = [run for run in Simulation(world, "others").between(busy[0].start, end) if run.function != name]
    day = ground.written(world, _attacked(world, function, random), "day")
    changes = {
        what: change for what, change in lasting(world, function, end, random).items() if change is not None
    }
    files = {
        what: ground.written(
            world, runs_of(world, function, what, end, 2 * LASTING_RUNS, change), f"l{number}"
        )
        for number, (what, change) in enumerate(changes.items())
    }
    before: set[str] = set()
    for size in SIZES:
        some = busy[-size:]
        rest = [run for run in others if run.start >= some[0].start]
        ground.learn(world, merge(rest, some, key=lambda run: run.start), "bundle")
        row = outcome.row("Growth of the history of a busy function", f"{size:,} flows")
        told = ground.judged(day[0], "bundle")
        count_flows(row, day[1], told, {name: size})
        found = set(found_in(day[1], told))
        for what, (path, _) in files.items():
            is_found = is_told(ground.judged(path, "bundle"), name, onset(end))
            count(row, what, is_found)
            found |= {what} if is_found else set()
        if before:
            row[FORGOTTEN] = Rate(len(before & found), len(before))
        before |= found


def runs_of(
    world: World, function: Function, seed: str, start: float, number: int, change: Change | None = None
) -> Iterator[Run]:
    """So many runs of a function alone, at some ten thousand a day."""
    simulation, at = Simulation(world, f"growth {seed}", change), start
    for trace in range(1, number + 1):
        at += simulation.random.expovariate(A_DAY / DAY_S)
        run = simulation.run(function, at)
        run.trace = FIRST_TRACE + trace
        yield run


def onset(start: float) -> float:
    """When what lasts begins."""
    return start + LASTING_RUNS / A_DAY * DAY_S


def lasting(world: World, function: Function, start: float, random: Random) -> dict[str, Change | None]:
    """What lasts, as changes of runs; None where the function gives no occasion."""
    letters = usual_letters(world, function)
    always = [part.kind for part in parts_of(function) if isinstance(part, Call)]
    step = random.choice(letters) if letters else None
    return {
        "a step lost in half of the runs: told": lost(random.choice(always), onset(start))
        if always
        else None,
        "a step twice as slow: told": slower(function.name, onset(start), step, 2.0) if step else None,
        "all a fifth slower: told": slower(function.name, onset(start)),
    }


def parts_of(function: Function) -> tuple[object, ...]:
    """What a function does one after another."""
    return function.grammar.parts if isinstance(function.grammar, Row) else (function.grammar,)


def lost(kind: Kind, start: float) -> Change:
    """A call that half of the runs do not make from some time on."""

    def change(run: Run, random: Random) -> None:
        if run.start >= start and random.random() < 0.5:
            run.calls = [call for call in run.calls if call.letter != kind.letter]

    return change


def _attacked(world: World, function: Function, random: Random) -> list[Run]:
    start = world.judged_from
    planted = [
        attacked_run(world, attack, [function.name], start, random)
        for attack in ATTACKS
        for _ in range(OF_A_KIND)
    ]
    attacked = sorted((run for run in planted if run is not None), key=lambda run: run.start)
    return list(merge(runs_of(world, function, "day", start, 2_000), attacked, key=lambda run: run.start))


def is_told(told: Told, function: str, since: float) -> bool:
    """Whether an alert about the function was certain after something began: of many runs, since single ones
    alarm by chance."""
    return any(
        one["subject"]["function_name"] == function
        and one["told_at"] >= since
        and (one["score"] is None or one["count"] >= MANY)
        for one in told.alerts
    )
