"""Recorded runs, learned and scored: one application and seed at a time."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from benchmarks.incidents.judging import Outcome, judged

OWN_COMMAND = (sys.executable, "-m", "coldtrail")


class Plan(Struct, frozen=True):
    """How much is recorded, and what happens in it."""

    learn_days: float = 10.0
    learn_visits: int = 600
    days: float = 3.0
    visits: int = 180
    attacks: str = "account"
    look_alikes: str = "account"


def played(
    seed: int, app: str, plan: Plan, folder: Path, command: Sequence[str] = OWN_COMMAND
) -> tuple[Outcome, Outcome]:
    """The outcomes of one seed: of a run with attacks, and of a benign one with what only looks like them."""
    learn, attacked, benign = (folder / f"{app}-{seed}-{name}" for name in ("learn", "attacked", "benign"))
    _record(command, app, 3 * seed, plan.learn_visits, plan.learn_days, learn, "none", "none")
    _record(command, app, 3 * seed + 1, plan.visits, plan.days, attacked, plan.attacks, "none")
    _record(command, app, 3 * seed + 2, plan.visits, plan.days, benign, "none", plan.look_alikes)
    bundle = folder / f"{app}-{seed}-bundle"
    shutil.rmtree(bundle, ignore_errors=True)
    _run([*command, "train", "--input", str(learn), "--bundle", str(bundle)])
    first, second = (
        judged(seed, app, plan.days, run, _scored(command, bundle, run)) for run in (attacked, benign)
    )
    return first, second


def _record(
    command: Sequence[str],
    app: str,
    seed: int,
    visits: int,
    days: float,
    output: Path,
    attacks: str,
    look_alikes: str,
) -> None:
    """Records a run, unless it is there already."""
    if output.exists():
        return
    what = ["--app", app, "--seed", str(seed), "--iterations", str(visits), "--days", f"{days:g}"]
    happens = ["--attacks", attacks, "--look-alikes", look_alikes, "--telemetry", "all"]
    _run([*command, "testbed", "record", *what, *happens, "--output", str(output)])


def _scored(command: Sequence[str], bundle: Path, run: Path) -> Path:
    output = run.with_name(f"{run.name}-scored")
    output.mkdir(exist_ok=True)
    told = ["--alerts", str(output / "alerts.jsonl"), "--cases", str(output / "cases.jsonl")]
    where = ["--input", str(run), "--output", str(output / "verdicts.jsonl")]
    _run([*command, "score", "--bundle", str(bundle), *where, *told])
    return output


def _run(arguments: Sequence[str]) -> None:
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
