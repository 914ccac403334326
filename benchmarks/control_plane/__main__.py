"""`python -m benchmarks.control_plane`: lays records of attacks that others made over a benign week
of the testbed, and prints which are a case that names the function, and what the week itself tells.

The folder holds `cloudtrail-stratus` (stratus-red-team's detonation logs) and `cloudtrail-lambda` (files of
CloudTrail, and a `.jsonl` of which each line is an attack of its own).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.control_plane.judging import benign, rows
from benchmarks.control_plane.laying import laid_over, place_of
from benchmarks.control_plane.report import report
from benchmarks.control_plane.techniques import FOLDERS, Technique, techniques
from benchmarks.incidents.playing import FIRST_DAY, OWN_COMMAND, day_after, execute, recorded, scored

_FOLDER = Path("../shared/data")
_APPLICATIONS = ("airline", "vod")


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0, also where there is nothing to lay over a week."""
    options = _parser().parse_args(arguments)
    found = techniques(options.folder)
    if not found:
        print(f"{options.folder} holds no {' or '.join(FOLDERS)}: attacks of others are skipped.")
        return 0
    texts: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for app in [options.app] if options.app else _APPLICATIONS:
            texts.append(_judged(app, options, folder, found))
            print(texts[-1], flush=True)
    if options.output:
        options.output.write_text("\n\n".join(texts) + "\n")
    return 0


def _judged(app: str, options: argparse.Namespace, folder: Path, found: Sequence[Technique]) -> str:
    learn, week = _runs(app, options, folder)
    bundle, laid_run = folder / f"{app}-bundle", folder / f"{app}-laid"
    for old in (bundle, laid_run):
        shutil.rmtree(old, ignore_errors=True)
    settings = folder / f"{app}.toml"
    settings.write_text(f"[baselines]\ncountry_file = {json.dumps(str(learn / 'countries.mmdb'))}\n")
    execute(
        [*OWN_COMMAND, "train", "--input", str(learn), "--bundle", str(bundle), "--config", str(settings)]
    )
    shutil.copytree(week, laid_run)
    told = json.loads((week / "run.json").read_text(encoding="utf-8"))
    place = None if options.as_they_are else place_of(learn)
    laid = laid_over(laid_run, found, place, told["first_time"], told["last_time"])
    by_itself, over = scored(OWN_COMMAND, bundle, week), scored(OWN_COMMAND, bundle, laid_run)
    return report(app, rows(laid, over), benign(by_itself), benign(over, laid))


def _runs(app: str, options: argparse.Namespace, folder: Path) -> tuple[Path, Path]:
    """A benign history, and a benign week after it."""
    learn, week = folder / f"{app}-{options.seed}-learn", folder / f"{app}-{options.seed}-week"
    quiet = ["--attacks", "none", "--look-alikes"]
    length = ["--iterations", str(options.learn_visits), "--days", f"{options.learn_days:g}"]
    first = ["--first-day", FIRST_DAY.isoformat()]
    recorded(OWN_COMMAND, app, 3 * options.seed, [*length, *first, *quiet, "none"], learn)
    length = ["--iterations", str(options.visits), "--days", f"{options.days:g}"]
    first = ["--first-day", day_after(learn).isoformat()]
    recorded(OWN_COMMAND, app, 3 * options.seed + 1, [*length, *first, *quiet, options.look_alikes], week)
    print(f"{app}: history and week are recorded", file=sys.stderr)
    return learn, week


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.control_plane", description="Attacks of others.")
    add = parser.add_argument
    add("--folder", type=Path, default=_FOLDER, help=f"of {' and '.join(FOLDERS)} ({_FOLDER})")
    add("--app", choices=_APPLICATIONS, help="one application (default: both)")
    add("--seed", type=int, default=1)
    add("--learn-days", type=float, default=7.0)
    add("--learn-visits", type=int, default=120)
    add("--days", type=float, default=7.0)
    add("--visits", type=int, default=140)
    add(
        "--look-alikes",
        default="account",
        help="of the week; groups or names, as `coldtrail testbed list` has them",
    )
    add(
        "--as-they-are", action="store_true", help="leave accounts, regions and names as others recorded them"
    )
    add("--keep", type=Path, metavar="DIR", help="keep runs, and use those that are there")
    add("--output", type=Path, metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main())
