"""Recorded runs, learned and scored: one application and seed at a time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from benchmarks.incidents.judging import Outcome, judged

FIRST_DAY = date(2026, 3, 2)
"""A Monday."""
APPLICATIONS = ("airline", "vod")
FIRST_OF_THE_CLOCK = 1_000
"""Seeds below are for development."""
NOTHING = ("--attacks", "none", "--look-alikes", "none")
Played = TypeVar("Played")
OWN_COMMAND = (sys.executable, "-m", "coldtrail")


class Plan(Struct, frozen=True):
    """How much is recorded, and what happens in it; visits come equally often in what is learned and judged.

    Nine days: a week of the detectors that want one, and two days more. Some 24 visits a working day: a
    function that every fifth visitor calls is met 40 times before.
    """

    learn_days: float = 9.0
    learn_visits: int = 200
    days: float = 3.0
    visits: int = 72
    attacks: str = "account"
    look_alikes: str = "account"


@contextmanager
def kept_in(keep: Path | None) -> Iterator[Path]:
    """The folder for runs: the one named, made if it is missing, else one that goes when all is done."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        yield folder


def played(
    seed: int, app: str, plan: Plan, folder: Path, command: Sequence[str] = OWN_COMMAND
) -> tuple[Outcome, Outcome]:
    """The outcomes of one seed: of a run with attacks, and of a benign one with what only looks like them."""
    learn, bundle = learned(seed, app, plan, folder, command)
    attacked, benign = (folder / f"{app}-{seed}-{name}" for name in ("attacked", "benign"))
    common = during(plan.days, plan.visits, day_after(learn))
    recorded(
        command, app, 3 * seed + 1, [*common, "--attacks", plan.attacks, "--look-alikes", "none"], attacked
    )
    recorded(
        command, app, 3 * seed + 2, [*common, "--attacks", "none", "--look-alikes", plan.look_alikes], benign
    )
    first, second = (
        judged(seed, app, plan.days, run, scored(command, bundle, run)) for run in (attacked, benign)
    )
    return first, second


def learned(
    seed: int, app: str, plan: Plan, folder: Path, command: Sequence[str] = OWN_COMMAND
) -> tuple[Path, Path]:
    """A benign history of one seed, and the bundle that was learned from it."""
    learn, bundle = (folder / f"{app}-{seed}-{name}" for name in ("learn", "bundle"))
    span = during(plan.learn_days, plan.learn_visits, FIRST_DAY)
    recorded(command, app, 3 * seed, [*span, *NOTHING], learn)
    shutil.rmtree(bundle, ignore_errors=True)
    settings = folder / f"{app}-{seed}.toml"
    settings.write_text(f"[baselines]\ncountry_file = {json.dumps(str(learn / 'countries.mmdb'))}\n")
    execute([*command, "train", "--input", str(learn), "--bundle", str(bundle), "--config", str(settings)])
    return learn, bundle


def during(days: float, visits: int, first_day: date) -> list[str]:
    """The options of a run in which so many come."""
    span = ["--days", f"{days:g}", "--first-day", first_day.isoformat()]
    return ["--iterations", str(visits), *span]


def each(
    seeds: Sequence[int], app: str | None, jobs: int, play: Callable[[int, str], Played]
) -> list[Played]:
    """What `play` gives for each seed, in their order, `jobs` at a time; applications come in turn where none
    is named. Progress goes to standard error."""
    started, done = time.monotonic(), 0
    names = [app or APPLICATIONS[number % len(APPLICATIONS)] for number in range(len(seeds))]
    with ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(play, *one): one for one in zip(seeds, names, strict=True)}
        for future in as_completed(running):
            future.result()
            done += 1
            seed, name = running[future]
            took = f"{(time.monotonic() - started) / 60:.1f} minutes"
            print(f"{done} of {len(seeds)}: {name}, seed {seed}, after {took}", file=sys.stderr, flush=True)
    return [future.result() for future in running]


def drawn(number: int) -> list[int]:
    """So many fresh seeds."""
    first = FIRST_OF_THE_CLOCK + int(time.time()) % 10_000_000
    return list(range(first, first + number))


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
