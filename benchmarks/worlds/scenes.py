"""What happens in a world after its history, and what the product tells of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from heapq import merge
from math import ceil
from pathlib import Path
from random import Random

from benchmarks.worlds import changes
from benchmarks.worlds.attacking import attacked_run
from benchmarks.worlds.attacks import ATTACKS
from benchmarks.worlds.drawing import Drawing
from benchmarks.worlds.grammars import kinds_in
from benchmarks.worlds.outcome import Outcome, add, count_attacks, count_day, count_false, count_thin
from benchmarks.worlds.product import Product, Told
from benchmarks.worlds.rules import Rules
from benchmarks.worlds.runs import Change, Run, Simulation
from benchmarks.worlds.world import DAY_S, START, World
from benchmarks.worlds.writing import Truth, write

READY, THIN = 50, 20
"""Flows from which a function is judged, and from which it is asked for how well."""
BENIGN_DAYS = 3
KINDS = 12
"""Kinds of attacks in a world."""
OF_A_KIND = 6
RELEASE_FLOWS = 50
LASTING_RUNS = 200
"""Of a function, after something began that lasts."""
LASTING_DAYS = 6
BURST_RUNS = (20, 60)
"""Of a burst at an hour at which a function never runs."""
HOUR_S = 3_600.0


class Stage:
    """A world with its product: where scenes are played."""

    def __init__(self, seed: int, product: Product, folder: Path, scenes: Sequence[str]) -> None:
        self.world = Drawing(seed).world()
        self.product, self.folder, self.scenes = product, folder, scenes
        self.random = Random(f"{seed} scenes")
        self.outcome = Outcome(seed)
        self.learned: Counter[str] = Counter()
        self.rules = Rules()

    def play(self) -> Outcome:
        """What was measured."""
        self.learn()
        for name, scene in SCENES.items():
            if name in self.scenes:
                start = time.perf_counter()
                scene(self)
                self.outcome.seconds[name] = time.perf_counter() - start
        return self.outcome

    @property
    def bundle(self) -> Path:
        """What was learned of the history."""
        return self.folder / "bundle"

    def learn(self) -> None:
        """Learns the history."""
        start = time.perf_counter()
        runs = list(Simulation(self.world, "history").between(START, self.world.judged_from))
        self.rules.learn(runs)
        self.learned.update(run.function for run in runs)
        self._train(self.world, runs, "bundle")
        self.outcome.functions, self.outcome.learned = len(self.world.functions), len(runs)
        self.outcome.seconds["learn"] = time.perf_counter() - start

    def _train(self, world: World, runs: Iterable[Run], bundle: str) -> None:
        path = self.folder / f"{bundle}-history.jsonl"
        write(world, "h", runs, path)
        self.product.train(path, self.folder / bundle)

    def judged(
        self, name: str, runs: Iterable[Run], world: World | None = None, bundle: Path | None = None
    ) -> tuple[dict[str, Truth], Told]:
        """Runs as telemetry, and what is told of it."""
        path = self.folder / f"{name}.jsonl"
        truths = write(world or self.world, name, runs, path)
        return truths, self.product.score(bundle or self.bundle, path)

    def benign(self) -> None:
        """Days like those of the history."""
        start = self.world.judged_from
        runs = list(Simulation(self.world, "benign").between(start, start + BENIGN_DAYS * DAY_S))
        truths, told = self.judged("benign", runs)
        count_false(self.outcome, "plain", truths, told)
        count_thin(self.outcome, truths, told, self.learned, READY)
        count_day(self.outcome, "plain", BENIGN_DAYS, len(runs), told)
        self.outcome.false_shifts["plain"] = len(told.shifts)
        self.rules.judge(self.outcome, runs, self.ready)

    def attacked(self) -> None:
        """A day with attacks on single runs."""
        start = self.world.judged_from + BENIGN_DAYS * DAY_S
        runs = list(Simulation(self.world, "attacked").between(start, start + DAY_S))
        planted = sorted(self._attacks(start), key=lambda run: run.start)
        everything = list(merge(runs, planted, key=lambda run: run.start))
        truths, told = self.judged("attacked", everything)
        count_attacks(self.outcome, truths, told, self.learned, READY)
        self.rules.judge(self.outcome, planted, self.ready)

    @property
    def ready(self) -> list[str]:
        """The functions with enough history."""
        return [name for name in self.world.functions if self.learned[name] >= READY]

    def _attacks(self, start: float) -> list[Run]:
        thin = [name for name in self.world.functions if THIN <= self.learned[name] < READY]
        some = self.random.sample(ATTACKS, KINDS)
        attacked = partial(attacked_run, self.world, start=start, random=self.random)
        found = [attacked(attack, self.ready) for attack in some for _ in range(OF_A_KIND)]
        found += [attacked(attack, thin) for attack in some]
        return [run for run in found if run is not None]

    def released(self) -> None:
        """A new version of a function, of which 50 runs are learned."""
        busy = [name for name in self.ready if self.learned[name] / self.world.days >= RELEASE_FLOWS]
        if not (busy or self.ready):
            return
        name = self.random.choice(busy) if busy else max(self.ready, key=lambda one: self.learned[one])
        world = changes.released(self.world, self.world.functions[name], self.random)
        start = world.judged_from
        runs = list(Simulation(world, "release").between(start, start + 3 * DAY_S))
        mine = [at for at, run in enumerate(runs) if run.function == name]
        if len(mine) <= RELEASE_FLOWS:
            return
        cut = mine[RELEASE_FLOWS]
        write(world, "release", runs[:cut], self.folder / "release.jsonl")
        self.product.update(self.bundle, self.folder / "release.jsonl", self.folder / "updated")
        later = [run for run in runs[cut:] if run.start < runs[cut].start + DAY_S]
        truths, told = self.judged("deployed", later, world, self.folder / "updated")
        of_it = {flow: truth for flow, truth in truths.items() if truth.function == name}
        count_false(self.outcome, "deployed", of_it, told)
        count_day(self.outcome, "deployed", 1.0, len(later), told)

    def failed_over(self) -> None:
        """A day with a failover of some hours."""
        start = self.world.judged_from
        begin = start + 6 * 3_600.0
        form = self.random.choice(("region", "names"))
        change = changes.failed_over(begin, begin + 6 * 3_600.0, form)
        self._disturbed("failover", change, (begin, begin + 6 * 3_600.0))

    def slow_partner(self) -> None:
        """A day on which one service is slow for some hours."""
        kinds = [kind for one in self.ready for kind in kinds_in(self.world.functions[one].grammar)]
        if not kinds:
            return
        kind = self.random.choice(kinds)
        begin = self.world.judged_from + 10 * 3_600.0
        times = self.random.uniform(4.0, 12.0)
        change = changes.slow_partner(kind.service, kind.name.container, begin, begin + 2 * 3_600.0, times)
        self._disturbed("slow partner", change, (begin, begin + 2 * 3_600.0))

    def _disturbed(self, scene: str, change: Change, when: tuple[float, float]) -> None:
        start = self.world.judged_from
        runs = list(Simulation(self.world, scene, change).between(start, start + DAY_S))
        truths, told = self.judged(scene.replace(" ", "-"), runs)
        within = {flow: truth for flow, truth in truths.items() if when[0] <= truth.start < when[1]}
        count_false(self.outcome, scene, within, told)
        count_day(self.outcome, scene, 1.0, len(runs), told)

    def busier(self) -> None:
        """Two days with two or three times the traffic."""
        start = self.world.judged_from
        times = self.random.uniform(2.0, 3.0)
        runs = list(Simulation(self.world, "busier", busier=times).between(start, start + 2 * DAY_S))
        truths, told = self.judged("busier", runs)
        count_false(self.outcome, "busier", truths, told)
        count_day(self.outcome, "busier", 2.0, len(runs), told)
        self.outcome.false_shifts["busier"] = len(told.shifts)

    def lasting(self) -> None:
        """Attacks that no single run shows: a fifth more of all, or of a step; a stranger who calls."""
        busiest = max(self.ready, key=lambda name: self.learned[name], default=None)
        if busiest is None or self.learned[busiest] / self.world.days < 2 * LASTING_RUNS / LASTING_DAYS:
            return
        start = self.world.judged_from
        days = 2 * ceil(LASTING_RUNS * self.world.days / self.learned[busiest])
        onset = start + days * DAY_S / 2
        letters = changes.usual_letters(self.world, self.world.functions[busiest])
        lasting = {
            "all slower": changes.slower(busiest, onset),
            "one step slower": changes.slower(busiest, onset, self.random.choice(letters)),
            "unusual caller": changes.other_caller(busiest, onset, onset + days * DAY_S, 0.3),
        }
        for name, change in lasting.items():
            if name == "unusual caller" and self.world.functions[busiest].caller is None:
                continue
            runs = list(Simulation(self.world, name, change).between(start, start + days * DAY_S))
            path = name.replace(" ", "-")
            _, told = self.judged(path, runs)
            add(self.outcome.shifts, name, _told_of(told, busiest, onset))

    def off_hours(self) -> None:
        """A burst of ordinary runs at night of a function that, in this history, keeps office hours, and has
        enough of it to be judged."""
        people = [one.function for one in self.world.entries if one.a_day and one.function in self.ready]
        if not people:
            return
        name = self.random.choice(people)
        world = changes.with_office_hours(self.world, name, self.random)
        entry = next(one for one in world.entries if one.function == name)
        start = world.judged_from
        history = list(Simulation(world, "office").between(START, start))
        if sum(run.function == name for run in history) < READY:
            return
        self._train(world, history, "office")
        begin = start + DAY_S + changes.off_hours(entry, self.random) * 3_600.0
        runs = list(Simulation(world, "after").between(start, begin + HOUR_S))
        burst = self._burst(world, name, begin)
        everything = merge(runs, burst, key=lambda run: run.start)
        _, told = self.judged("night", everything, world, self.folder / "office")
        add(self.outcome.shifts, "off-hours burst", _told_of(told, name, begin))

    def _burst(self, world: World, function: str, begin: float) -> list[Run]:
        """Twenty to sixty runs of a function within about a minute."""
        simulation, at, burst = Simulation(world, "burst"), begin, []
        for _ in range(self.random.randint(*BURST_RUNS)):
            at += self.random.expovariate(1.0)
            (run, *_) = simulation.traced(function, at)
            run.trace, run.attack, run.whole = -self.random.getrandbits(40), "off-hours burst", True
            burst.append(run)
        return sorted(burst, key=lambda run: run.start)


def _told_of(told: Told, function: str, onset: float) -> bool:
    """Whether an alert about a function was certain after something began."""
    return any(one["subject"]["function_name"] == function and one["told_at"] >= onset for one in told.alerts)


SCENES = {
    "benign": Stage.benign,
    "attacked": Stage.attacked,
    "released": Stage.released,
    "failover": Stage.failed_over,
    "slow partner": Stage.slow_partner,
    "busier": Stage.busier,
    "lasting": Stage.lasting,
    "off hours": Stage.off_hours,
}
"""All scenes; one line to add."""
