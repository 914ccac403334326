"""Recorded runs, learned and scored: one application and seed at a time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from benchmarks.incidents.judging import Outcome, judged

FIRST_DAY = date(2026, 3, 2)
"""A Monday."""
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
    first_day, length = FIRST_DAY.isoformat(), f"{plan.learn_days:g}"
    recorded(command, app, 3 * seed, ["--iterations", str(plan.learn_visits), "--days", length, "--first-day",
            first_day, "--attacks", "none", "--look-alikes", "none"], learn)  # fmt: skip
    later = day_after(learn).isoformat()
    common = ["--iterations", str(plan.visits), "--days", f"{plan.days:g}", "--first-day", later]
    recorded(
        command, app, 3 * seed + 1, [*common, "--attacks", plan.attacks, "--look-alikes", "none"], attacked
    )
    recorded(
        command, app, 3 * seed + 2, [*common, "--attacks", "none", "--look-alikes", plan.look_alikes], benign
    )
    bundle = folder / f"{app}-{seed}-bundle"
    shutil.rmtree(bundle, ignore_errors=True)
    settings = folder / f"{app}-{seed}.toml"
    settings.write_text(f"[baselines]\ncountry_file = {json.dumps(str(learn / 'countries.mmdb'))}\n")
    execute([*command, "train", "--input", str(learn), "--bundle", str(bundle), "--config", str(settings)])
    first, second = (
        judged(seed, app, plan.days, run, scored(command, bundle, run)) for run in (attacked, benign)
    )
    return first, second


def day_after(run: Path) -> date:
    """The day after a run's last record: what is judged follows on what was learned, as visits come by chance
    and a run may last longer than was asked for."""
    last = json.loads((run / "run.json").read_text(encoding="utf-8"))["last_time"]
    return datetime.fromtimestamp(last, UTC).date() + timedelta(days=1)


def recorded(command: Sequence[str], app: str, seed: int, options: Sequence[str], output: Path) -> None:
    """Records a run, unless it is there already."""
    if output.exists():
        return
    what = ["--app", app, "--seed", str(seed), *options, "--telemetry", "all"]
    execute([*command, "testbed", "record", *what, "--output", str(output)])


def scored(command: Sequence[str], bundle: Path, run: Path) -> Path:
    """The folder with what `score` told of a run."""
    output = run.with_name(f"{run.name}-scored")
    output.mkdir(exist_ok=True)
    told = ["--alerts", str(output / "alerts.jsonl"), "--cases", str(output / "cases.jsonl")]
    where = ["--input", str(run), "--output", str(output / "verdicts.jsonl")]
    execute([*command, "score", "--bundle", str(bundle), *where, *told])
    return output


def execute(arguments: Sequence[str]) -> None:
    """Runs a command; raises where it fails."""
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
