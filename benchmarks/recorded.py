"""The recorded runs that benchmarks learn from and judge: where they lie, and the seeds they have."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """A run of the testbed on disk."""

    folder: Path
    app: str
    visits: int
    seed: int
    attacks: str
    look_alikes: str = "none"

    @property
    def traces(self) -> Path:
        """Its X-Ray traces."""
        return self.folder / "traces.jsonl.gz"

    @property
    def labels(self) -> Path:
        """Its attacked flows."""
        return self.folder / "labels.jsonl"

    @property
    def summary(self) -> Path:
        """How it was made."""
        return self.folder / "run.json"

    @property
    def recorded(self) -> bool:
        """Whether it lies there already; raises `SystemExit` for a run of another size."""
        if not self.summary.exists():
            return False
        visits = json.loads(self.summary.read_text())["settings"]["iterations"]
        if visits != self.visits:
            raise SystemExit(f"{self.folder} holds {visits} visits, not {self.visits}; name another folder.")
        return True


@dataclass(frozen=True)
class Pair:
    """A benign run to learn from, and a run of the day after, with attacks, to judge."""

    learn: Run
    judge: Run


def pair(folder: Path, app: str, seed: int, visits: tuple[int, int], attacks: str) -> Pair:
    """The runs of one application and seed; `visits` are those learned from and those judged."""
    return Pair(
        Run(folder / f"{app}-learn-{seed}", app, visits[0], 2 * seed, "none"),
        Run(folder / f"{app}-{attacks.replace(',', '-')}-{seed}", app, visits[1], 2 * seed + 1, attacks),
    )


def record_apart(run: Run) -> None:
    """Records a run in a process of its own, so that its memory is not taken for that of what comes later."""
    command = [sys.executable, "-m", "coldtrail", "testbed", "record", "--app", run.app]
    command += ["--iterations", str(run.visits), "--seed", str(run.seed), "--attacks", run.attacks]
    command += ["--look-alikes", run.look_alikes]
    subprocess.run([*command, "--output", str(run.folder)], check=True, stdout=subprocess.DEVNULL)
