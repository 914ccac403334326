"""Whether halves of a history tell the same, and what daily updates make of what is found."""

from __future__ import annotations

from random import Random

from benchmarks.worlds.drawing import Drawing
from benchmarks.worlds.learning.ground import Ground, attacked_day, history_of, learned_of
from benchmarks.worlds.learning.outcome import Learned, alarms_in, count_agreement, count_flows, found_in
from benchmarks.worlds.scenes import READY
from benchmarks.worlds.world import DAY_S

DAYS = 4
"""So many last days of the history are learned one by one."""


def by_halves(outcome: Learned, ground: Ground) -> None:
    """Learns every other trace of a history, then the rest, and compares what both tell of one day."""
    world, random = Drawing(outcome.seed).world(), Random(f"{outcome.seed} halves")
    runs = history_of(world)
    halves = [[run for run in runs if run.trace % 2 == one] for one in (0, 1)]
    counts = [learned_of(half) for half in halves]
    often = [name for name in world.functions if all(one[name] >= READY for one in counts)]
    path, truths = ground.written(world, attacked_day(world, often, random), "day")
    both = []
    row = outcome.row("Halves of the history", "each half")
    for half, learned in zip(halves, counts, strict=True):
        ground.learn(world, half, "bundle")
        told = ground.judged(path, "bundle")
        count_flows(row, truths, told, learned)
        both.append((found_in(truths, told), alarms_in(truths, told)))
    ground.learn(world, runs, "bundle")
    whole = outcome.row("Halves of the history", "the whole")
    count_flows(whole, truths, ground.judged(path, "bundle"), learned_of(runs))
    (found, alarms), (others, other_alarms) = both
    count_agreement(row, "attacks found by either: by both", found, others, {*found, *others})
    either = {*alarms, *other_alarms}
    count_agreement(row, "false alarms of either: of both", alarms, other_alarms, either)


def by_updates(outcome: Learned, ground: Ground) -> None:
    """Learns all but the last days, then day by day; and at once, to compare."""
    world, random = Drawing(outcome.seed).world(), Random(f"{outcome.seed} updates")
    runs = history_of(world)
    learned = learned_of(runs)
    often = [name for name in world.functions if learned[name] >= READY]
    path, truths = ground.written(world, attacked_day(world, often, random), "day")
    ground.learn(world, runs, "bundle")
    row = outcome.row("Daily updates", "all learned at once")
    count_flows(row, truths, ground.judged(path, "bundle"), learned)
    first = world.judged_from - DAYS * DAY_S
    ground.learn(world, [run for run in runs if run.start < first], "bundle")
    row = outcome.row("Daily updates", f"all but the last {DAYS} days")
    count_flows(row, truths, ground.judged(path, "bundle"), learned)
    for day in range(DAYS):
        start = first + day * DAY_S
        some = [run for run in runs if start <= run.start < start + DAY_S]
        if some:
            ground.update(world, some, f"day{day}", "bundle")
    row = outcome.row("Daily updates", f"then {DAYS} days, each as an update")
    count_flows(row, truths, ground.judged(path, "bundle"), learned)
