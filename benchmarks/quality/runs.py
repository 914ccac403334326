"""The recorded runs of a case: an application and a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from benchmarks.recorded import Run, pair, record_apart

YEARS_APART = 8 * 365
"""Between the testbed's seeds of a case: a run begins on the day of the year that its seed names, so that
seeds a whole number of years apart give other runs of the same day."""


class Case(Struct, frozen=True):
    """An application and a seed, and where the runs lie."""

    folder: Path
    app: str
    seed: int
    seeds: tuple[int, ...]
    """Of all cases: what they learned may serve as earlier days."""
    learn_visits: int = 250
    judge_visits: int = 250

    def run(self, kind: str) -> Run:
        """The run of a kind: `learn` (benign, a day before all others), `paper`, `unpublished`,
        `release` (the paper's attacks and a new version) or `look-alikes` (no attack)."""
        visits = self.learn_visits, self.judge_visits
        if kind in ("learn", "paper"):
            runs = pair(self.folder, self.app, self.seed, visits, "paper")
            return runs.learn if kind == "learn" else runs.judge
        number, attacks, look_alikes = KINDS[kind]
        seed = 2 * self.seed + 1 + number * YEARS_APART
        folder = self.folder / f"{self.app}-{kind}-{self.seed}"
        return Run(folder, self.app, self.judge_visits, seed, attacks, look_alikes)

    def others(self) -> list[Case]:
        """The cases of the same application with the other seeds."""
        own = self.seeds.index(self.seed)
        rest = self.seeds[own + 1 :] + self.seeds[:own]
        return [
            Case(self.folder, self.app, s, self.seeds, self.learn_visits, self.judge_visits) for s in rest
        ]


KINDS = {
    "unpublished": (1, "unpublished", "none"),
    "look-alikes": (2, "none", "all"),
    "release": (3, "paper", "new_version"),
}
"""The place of a kind's seed, its attacks and its look-alikes."""


def record_missing(runs: Iterable[Run], jobs: int, tell: Callable[[str], None]) -> None:
    """Nothing; runs that lie there already are left alone, the others recorded, `jobs` at a time."""

    def record(run: Run) -> None:
        tell(f"recording {run.folder.name}")
        record_apart(run)

    missing = {run.folder: run for run in runs if not run.recorded}
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(record, missing.values()))
