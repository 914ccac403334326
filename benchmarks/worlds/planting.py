"""Changes runs: where a call can be added, and whether a benign run could be the same."""

from __future__ import annotations

from random import Random

from benchmarks.worlds.grammars import Kind, Pattern, kinds_in
from benchmarks.worlds.runs import Made, Run
from benchmarks.worlds.world import Function, World


class Target:
    """A function under attack, and what it and its application do."""

    def __init__(self, world: World, function: Function) -> None:
        self.world, self.function = world, function
        self.pattern = Pattern(function.grammar)
        self.own = kinds_in(function.grammar)
        if function.failing.reports is not None:
            self.own.append(function.failing.reports)
        met = {(kind.service, kind.name.container) for kind in self.own}
        others = [kind for one in world.functions.values() for kind in kinds_in(one.grammar)]
        self.foreign = [kind for kind in others if (kind.service, kind.name.container) not in met]
        """Kinds of calls of other functions, to what this function never touches."""

    def is_strange(self, run: Run) -> bool:
        """Whether no benign run of the function makes these calls in this order."""
        word = "".join(call.letter for call in run.calls if not call.error)
        return not self.pattern.matches(word)

    def does(self, service: str, action: str, name: str) -> bool:
        """Whether the function ever does this."""
        asked = (service, action, name.partition("/")[0])
        return any((kind.service, kind.action, kind.name.container) == asked for kind in self.own)


def gaps_in(run: Run) -> list[int]:
    """The places before, between and after calls that are not made at once."""
    calls = run.calls
    inside = [at for at in range(1, len(calls)) if calls[at - 1].group != calls[at].group]
    return [0, *inside, len(calls)]


def is_alone(run: Run, at: int) -> bool:
    """Whether a call is not made at once with others."""
    return sum(call.group == run.calls[at].group for call in run.calls) == 1


def plant_kind(run: Run, random: Random, kinds: list[Kind]) -> bool:
    """Adds a call of one of some kinds; False where there is none."""
    if not kinds:
        return False
    kind = random.choice(kinds)
    name = kind.name.draw(random, run.start)
    return plant(run, random, Made(kind.service, kind.action, name, seconds=kind.latency.draw(random)))


def plant(run: Run, random: Random, call: Made, at: int | None = None) -> bool:
    """Adds a call early, late or anywhere between, but never among calls made at once."""
    if at is None:
        at = random.choice(gaps_in(run))
    call.planted, call.letter = True, call.letter or "?"
    call.group = run.calls[at - 1].group if at else -1
    run.calls.insert(at, call)
    for place, one in enumerate(run.calls[at:]):
        one.group += 1 + (place > 0)
    return True


def mimic(run: Run, target: Target, random: Random, times: int, beside: bool = False) -> bool:
    """Adds a usual call of the run so often, where the whole is what no benign run does."""
    calls = [call for call in run.calls if not call.error and call.starts is None]
    if not calls:
        return False
    kept = [(call, call.group) for call in run.calls]
    for _ in range(10):
        call = random.choice(calls)
        gaps = gaps_in(run)
        at = next(gap for gap in gaps if gap > run.calls.index(call)) if beside else random.choice(gaps)
        for _ in range(times):
            seconds = call.seconds * random.uniform(0.7, 1.4)
            plant(
                run,
                random,
                Made(call.service, call.action, call.target, seconds=seconds, letter=call.letter),
                at,
            )
        if target.is_strange(run):
            _mark(run, call)
            return True
        run.calls[:] = [call for call, _ in kept]
        for call, group in kept:
            call.group = group
    return False


def _mark(run: Run, call: Made) -> None:
    """Marks all calls that are the same as one of which there are too many: any may be the one."""
    for one in run.calls:
        if (one.service, one.action, one.target) == (call.service, call.action, call.target):
            one.planted = True
