"""What else happens to an application: releases, failovers, slow partners, and attacks that last."""

from __future__ import annotations

from collections import Counter
from random import Random

from msgspec.structs import replace

from benchmarks.worlds import names
from benchmarks.worlds.drawing import Drawing
from benchmarks.worlds.grammars import Call, Row
from benchmarks.worlds.runs import Change, Run, Simulation
from benchmarks.worlds.world import Entry, Function, World

USUAL = 0.9
"""The share of runs from which a call is made in nearly each."""


def released(world: World, function: Function, random: Random) -> World:
    """The world with a new version of a function: a call more, a call less, or one to something new."""
    drawing = Drawing(world.seed)
    drawing.random = Random(f"{world.seed} release")
    drawing.skip_letters(3_000)
    parts = list(function.grammar.parts) if isinstance(function.grammar, Row) else [function.grammar]
    form = random.random()
    if form < 0.3 and len(parts) > 1:
        parts.pop(random.randrange(len(parts)))
    if form > 0.2:
        parts.insert(random.randint(0, len(parts)), Call(drawing.new_kind()))
    version = None if function.version is None else str(int(function.version) + 1)
    new = replace(function, grammar=Row(tuple(parts)), version=version)
    return replace(world, functions={**world.functions, function.name: new})


def failed_over(start: float, end: float, form: str) -> Change:
    """For some hours storage has other names, `-dr` buckets and tables, and with `region` hosts as well."""

    def change(run: Run, random: Random) -> None:
        if not start <= run.start < end:
            return
        for call in run.calls:
            if call.service in ("S3", "DynamoDB", "remote"):
                call.target = _elsewhere(call.target, call.service, form)

    return change


def _elsewhere(target: str, service: str, form: str) -> str:
    container, slash, rest = target.partition("/")
    if service == "remote":
        host, dot, domain = container.partition(".")
        return f"{host}-2{dot}{domain}{slash}{rest}" if form == "region" else target
    return f"{container}-dr{slash}{rest}"


def slow_partner(service: str, target: str, start: float, end: float, times: float) -> Change:
    """One resource answers so many times as slowly for some hours."""

    def change(run: Run, random: Random) -> None:
        if start <= run.start < end:
            for call in run.calls:
                if (call.service, call.target.partition("/")[0]) == (service, target):
                    call.seconds *= times

    return change


def slower(function: str, start: float, letter: str | None = None, times: float = 1.2) -> Change:
    """All that a function does takes a fifth longer from some time on; or one of its steps alone."""

    def change(run: Run, random: Random) -> None:
        if run.function != function or run.start < start:
            return
        run.attack, run.whole = "slower", True
        for call in run.calls:
            if letter is None or call.letter == letter:
                call.seconds *= times
        if letter is None:
            run.own *= times

    return change


def usual_letters(world: World, function: Function) -> list[str]:
    """The calls that nearly each run makes; else the most frequent one, so that what they do is seen."""
    simulation, runs = Simulation(world, "letters"), 100
    made = Counter(
        letter
        for _ in range(runs)
        for letter in {call.letter for call in simulation.run(function, world.judged_from).calls}
    )
    usual = sorted(letter for letter, number in made.items() if number >= USUAL * runs)
    return usual or [letter for letter, _ in made.most_common(1)]


def with_office_hours(world: World, function: str, random: Random) -> World:
    """The world with a function that people start as often as before, but for eight to ten hours a day."""
    opens = random.uniform(0.0, 14.0)
    closes = opens + random.uniform(8.0, 10.0)
    return replace(
        world,
        entries=tuple(
            replace(one, opens=opens, closes=closes, a_day=one.a_day * 24.0 / (closes - opens))
            if one.function == function and one.a_day
            else one
            for one in world.entries
        ),
    )


def off_hours(entry: Entry, random: Random) -> float:
    """An hour of the day, as a number, at least three hours from those at which people come."""
    return (entry.closes + random.uniform(3.0, 21.0 - (entry.closes - entry.opens))) % 24.0


def other_caller(function: str, start: float, end: float, share: float) -> Change:
    """Somebody unknown starts some of a function's runs."""
    stranger = f"ops-{names.WORDS[len(function) % len(names.WORDS)]}-x"

    def change(run: Run, random: Random) -> None:
        if run.function == function and start <= run.start < end and random.random() < share:
            run.caller, run.attack, run.whole = stranger, "unusual caller", True

    return change
