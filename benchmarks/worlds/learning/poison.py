"""What is found of attacks that were hidden in the history, learned or held back."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from heapq import merge
from math import ceil
from random import Random
from typing import Any

from benchmarks.quality.figures import Rate, pooled
from benchmarks.worlds.attacks import ATTACKS, Attack
from benchmarks.worlds.drawing import Drawing
from benchmarks.worlds.learning.ground import Ground, history_of, learned_of
from benchmarks.worlds.learning.outcome import FALSE, Learned, Row, alarms_in, count, count_flows
from benchmarks.worlds.planting import Target
from benchmarks.worlds.product import Told
from benchmarks.worlds.runs import Run, Simulation
from benchmarks.worlds.world import DAY_S, START, World
from benchmarks.worlds.writing import Truth

SHARES = (0.0, 0.001, 0.005, 0.01)
"""Of the runs of a function."""
KINDS, OF_A_KIND = 8, 6
"""Kinds of attacks in a world, each on a function of its own where there are so many; and of each, later."""
LEAST_RUNS = 200
"""Of a function in the history."""
MOST_TRIES = 200
WAYS = {"learned": (), "with --hold-rare": ("--hold-rare",)}
HELD = "hidden attacks held back"
EXTRA = "benign flows that alarm only since something was held back"
PART, KINDS_PART = "Attacks hidden in the history", "Attacks hidden in the history by kind (.5 %)"
BY_KIND = 0.005
"""The share of which kinds are told apart."""


def by_poison(outcome: Learned, ground: Ground) -> None:
    """Hides attacks in histories, and judges the same attacks after each."""
    world, random = Drawing(outcome.seed).world(), Random(f"{outcome.seed} poison")
    runs = history_of(world)
    learned = learned_of(runs)
    targets = [name for name in world.functions if learned[name] >= LEAST_RUNS]
    if not targets:
        return
    random.shuffle(targets)
    hidden = [(attack, targets[at % len(targets)]) for at, attack in enumerate(random.sample(ATTACKS, KINDS))]
    day = _day(world, hidden, random)
    path, truths = ground.written(world, day, "day")
    usual: frozenset[str] = frozenset()
    for share in SHARES:
        planted = [
            one
            for attack, name in hidden
            for one in copies(world, attack, name, ceil(share * learned[name]), (START, world.judged_from))
        ]
        planted.sort(key=lambda run: run.start)
        history = list(merge(runs, planted, key=lambda run: run.start))
        for way, options in WAYS.items():
            row = outcome.row(PART, f"{100 * share:g} % of a function's runs, {way}")
            answer = ground.learn(world, history, "bundle", *options)
            told = ground.judged(path, "bundle")
            count_flows(row, truths, told, learned)
            alarms = alarms_in(truths, told)
            if options:
                row[EXTRA] = Rate(len(alarms - usual), row[FALSE].whole)
            usual = usual if options else alarms
            if options and planted:
                held = held_in(answer)
                row[HELD] = pooled(_held(held, history).values())
            if share == BY_KIND:
                _count_kinds(outcome, truths, told, f"found, {way}")
                for kind, rate in _held(held, history).items() if options else ():
                    outcome.row(KINDS_PART, kind)[HELD] = rate


def copies(world: World, attack: Attack, function: str, number: int, when: tuple[float, float]) -> list[Run]:
    """So many runs of a function in some time with the very same attack; none where it gives no occasion."""
    random, found = Random(f"{world.seed} {attack.__name__} {number} {when}"), []
    for _ in range(MOST_TRIES if number else 0):
        run = Simulation(world, f"copy {random.getrandbits(40)}").run(
            world.functions[function], random.uniform(*when)
        )
        run.starting, run.trace = None, -random.getrandbits(40)
        same = Random(f"{world.seed} {attack.__name__}")
        if run.failed or not attack(run, Target(world, world.functions[function]), same):
            continue
        run.attack = attack.__name__.replace("_", " ")
        run.place()
        found.append(run)
        if len(found) == number:
            break
    return found


def _day(world: World, hidden: list[tuple[Attack, str]], random: Random) -> list[Run]:
    """A day with the attacks that were hidden."""
    start = world.judged_from
    planted = [
        one
        for attack, name in hidden
        for one in copies(world, attack, name, OF_A_KIND, (start, start + DAY_S))
    ]
    planted.sort(key=lambda run: run.start)
    benign = Simulation(world, "day").between(start, start + DAY_S)
    return list(merge(benign, planted, key=lambda run: run.start))


def _count_kinds(outcome: Learned, truths: Mapping[str, Truth], told: Told, column: str) -> None:
    for flow, truth in truths.items():
        if truth.attack is not None:
            found = told.judged(flow) and told.anomalous(flow)
            count(outcome.row(KINDS_PART, truth.attack), column, found)


def held_in(answer: Mapping[str, Any]) -> frozenset[str]:
    """The flows that training held back, by what it answers."""
    return frozenset(flow for one in answer["rare"] if one["held"] for flow in one["flow_ids"])


def _held(held: Container[str], history: Sequence[Run]) -> Row:
    """Of the hidden attacks of each kind, those that were held back."""
    rates: Row = {}
    for number, run in enumerate(history):
        if run.attack is not None:
            count(rates, run.attack, f"h-{number:06d}" in held)
    return rates
