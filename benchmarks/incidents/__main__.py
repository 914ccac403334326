"""`python -m benchmarks.incidents`: records fresh runs of the testbed with attacks beyond single runs and
with what only looks like them, and prints how they were told. Seeds are drawn from the clock, and printed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.incidents.playing import APPLICATIONS, Plan, drawn, each, kept_in, played
from benchmarks.incidents.report import report
from benchmarks.measuring import machine


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 where all runs could be played."""
    options = _parser().parse_args(arguments)
    seeds = options.seeds or drawn(options.runs)
    plan = Plan(
        learn_days=options.learn_days,
        learn_visits=options.learn_visits,
        days=options.days,
        visits=options.visits,
        attacks=options.attacks,
        look_alikes=options.look_alikes,
    )
    print(f"{machine()}; seeds {seeds}", file=sys.stderr)
    with kept_in(options.keep) as folder:
        outcomes = each(seeds, options.app, options.jobs, lambda seed, app: played(seed, app, plan, folder))
    attacked, benign = ([pair[number] for pair in outcomes] for number in (0, 1))
    text = report(attacked, benign)
    print(text)
    if options.output:
        options.output.write_text(f"{machine()}; seeds {seeds}\n\n{text}\n")
        options.output.with_suffix(".json").write_bytes(msgspec.json.encode([attacked, benign]))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.incidents", description="Attacks beyond single runs.")
    add = parser.add_argument
    add("--runs", type=int, default=10, help="seeds, each a benign history, an attacked and a benign run")
    add("--seeds", type=int, nargs="+", help="these instead of fresh ones")
    add("--app", choices=APPLICATIONS, help="one application (default: both in turn)")
    add("--jobs", type=int, default=2, help="seeds that are played at a time (default 2)")
    add("--learn-days", type=float, default=Plan().learn_days)
    add("--learn-visits", type=int, default=Plan().learn_visits)
    add("--days", type=float, default=Plan().days)
    add("--visits", type=int, default=Plan().visits)
    add("--attacks", default=Plan().attacks, help="groups or names, as `coldtrail testbed list` has them")
    add("--look-alikes", default=Plan().look_alikes)
    add("--keep", type=Path, metavar="DIR", help="keep runs, and use those that are there")
    add("--output", type=Path, metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main())
