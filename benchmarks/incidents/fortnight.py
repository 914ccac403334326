"""`python -m benchmarks.incidents.fortnight`: what is told of a fortnight in which nothing is wrong. For each
seed it records a benign history and the fortnight after it, with users, releases and people at the console
as on ordinary days, scores it with all detectors, and counts alerts and cases a day."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from benchmarks.azure.figures import rate
from benchmarks.incidents.judging import Line, lines_of
from benchmarks.incidents.playing import (
    APPLICATIONS,
    NOTHING,
    OWN_COMMAND,
    Plan,
    day_after,
    drawn,
    during,
    each,
    kept_in,
    learned,
    recorded,
    scored,
)
from benchmarks.measuring import machine

SEVERITIES = ("low", "medium", "high", "critical")
_DAY_S = 86_400.0
_PLAN = Plan(learn_visits=120, days=14.0, visits=187)


class Fortnight(Struct, frozen=True):
    """What was told of one."""

    seed: int
    app: str
    days: float
    alerts: tuple[str, ...]
    """Of each its severity and title."""
    cases: tuple[str, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 where all fortnights could be played."""
    options = _parser().parse_args(arguments)
    seeds = options.seeds or drawn(options.runs)
    plan = Plan(
        learn_days=options.learn_days,
        learn_visits=options.learn_visits,
        days=options.days,
        visits=options.visits,
    )
    print(f"{machine()}; seeds {seeds}", file=sys.stderr)
    with kept_in(options.keep) as folder:
        fortnights = each(seeds, options.app, options.jobs, lambda seed, app: spent(seed, app, plan, folder))
    text = table(fortnights)
    print(text)
    if options.output:
        options.output.write_text(f"{machine()}; seeds {seeds}\n\n{text}\n")
    return 0


def spent(seed: int, app: str, plan: Plan, folder: Path, command: Sequence[str] = OWN_COMMAND) -> Fortnight:
    """What was told of the fortnight of one seed."""
    learn, bundle = learned(seed, app, plan, folder, command)
    run = folder / f"{app}-{seed}-fortnight"
    span = during(plan.days, plan.visits, day_after(learn))
    recorded(command, app, 3 * seed + 2, [*span, *NOTHING], run)
    return told(seed, app, run, scored(command, bundle, run))


def told(seed: int, app: str, run: Path, output: Path) -> Fortnight:
    """What `score` wrote of a recorded run, without what it withdrew later."""
    summary = json.loads((run / "run.json").read_text(encoding="utf-8"))
    alerts, cases = (lines_of(output / f"{name}.jsonl") for name in ("alerts", "cases"))
    days = (summary["last_time"] - summary["first_time"]) / _DAY_S
    return Fortnight(seed, app, days, tuple(map(_named, alerts)), tuple(map(_named, cases)))


def table(fortnights: Sequence[Fortnight]) -> str:
    """Alerts and cases a day by severity with intervals of 95 % (Garwood), and all of them by name."""
    days = sum(one.days for one in fortnights)
    alerts, cases = (
        Counter(name.split(":")[0] for one in fortnights for name in getattr(one, kind))
        for kind in ("alerts", "cases")
    )
    lines = [
        "| a day | alerts | cases |",
        "|---|---|---|",
        *(f"| {one} | {rate(alerts[one], days)} | {rate(cases[one], days)} |" for one in SEVERITIES),
    ]
    lines.append(f"| all | {rate(alerts.total(), days)} | {rate(cases.total(), days)} |")
    lines += ["", f"{len(fortnights)} fortnights, {days:.0f} days."]
    for one in fortnights:
        listed = [*(f"- case, {name}" for name in one.cases), *(f"- alert, {name}" for name in one.alerts)]
        lines += ["", f"{one.app}, seed {one.seed}:", *(listed or ["- nothing was told"])]
    return "\n".join(lines)


def _named(line: Line) -> str:
    return f"{line['severity']}: {line['title']}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks.incidents.fortnight", description="Alerts and cases a day where nothing is wrong."
    )
    add = parser.add_argument
    add("--runs", type=int, default=4, help="seeds, each a benign history and a fortnight")
    add("--seeds", type=int, nargs="+", help="these instead of fresh ones")
    add("--app", choices=APPLICATIONS, help="one application (default: both in turn)")
    add("--jobs", type=int, default=2, help="seeds that are played at a time (default 2)")
    add("--learn-days", type=float, default=_PLAN.learn_days)
    add("--learn-visits", type=int, default=_PLAN.learn_visits)
    add("--days", type=float, default=_PLAN.days)
    add("--visits", type=int, default=_PLAN.visits)
    add("--keep", type=Path, metavar="DIR", help="keep runs, and use those that are there")
    add("--output", type=Path, metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main())
