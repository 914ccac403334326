"""Judges the detector of rates on real functions of Azure, and on simulated callers.

`python -m benchmarks.azure` reads `invocations.csv` of a sample of the Azure Functions trace (Shahrad and
others, 2020) and prints what is reached beside what is wanted.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator
from pathlib import Path

from benchmarks.azure import callers, folds, months, recorded
from benchmarks.azure.attacks import ATTACKS
from benchmarks.azure.figures import rate, share
from benchmarks.azure.reading import functions
from benchmarks.azure.trials import BUSY, Learned, Trial, alarms, attacked, learn

_FOLDER = Path("../shared/data/azure-functions")
_WANTED = {
    "x5 for 30 minutes": ".70",
    "x20 for 30 minutes": ".95",
    "50 calls in 5 minutes": ".90",
    "timers silent 30 minutes": ".90",
    "timers silent 120 minutes": ".98",
}
_BUDGET = 0.03


def main() -> int:
    """The exit status: 0."""
    parser = argparse.ArgumentParser(description="Rates of real Azure functions.")
    parser.add_argument("--folder", type=Path, default=_FOLDER, help=f"of invocations.csv ({_FOLDER})")
    parser.add_argument(
        "--months", action="store_true", help="simulate months of functions as well (minutes of work)"
    )
    options = parser.parse_args()
    if (options.folder / "invocations.csv").exists():
        known = functions(options.folder)
        _table("forwards in time, triggers told", learn(known, _BUDGET))
        _table("forwards in time, triggers not told", learn(known, _BUDGET, with_trigger=False))
        backwards = known._replace(counts=known.counts[:, ::-1].copy())
        _table("backwards in time, triggers told", learn(backwards, _BUDGET))
        print(f"\n{folds.FOLDS} folds: limits set on other applications' functions, forwards, triggers told")
        for name, reached in folds.rows(known, _BUDGET):
            print(f"{name:<44}{reached:<26}{_WANTED.get(name, '')}")
    else:
        print(f"{options.folder} holds no invocations.csv: real functions are skipped.")
    for title, rows in (("Simulated callers", callers.rows()), ("Recorded callers", recorded.rows())):
        print(f"\n{title}")
        for name, figure, wanted in rows:
            print(f"{name:<44}{figure!s:<26}{wanted}")
    if options.months:
        print("\nSimulated months")
        for what, reached, bounds in months.rows():
            print(f"{what:<44}{reached:<26}{bounds}")
    return 0


def _table(title: str, learned: Learned) -> None:
    print(f"\n{len(learned.functions.names)} functions, {len(learned.ready)} ready, {title}")
    print(f"{'what':<44}{'reached, 95 %':<26}wanted")
    for name, figure, wanted in _rows(learned):
        print(f"{name:<44}{figure:<26}{wanted}")


def _rows(learned: Learned) -> Iterator[tuple[str, str, str]]:
    found = alarms(learned)
    minutes = learned.functions.counts.shape[1] - learned.half
    days = len(learned.functions.names) * minutes / 1_440
    yield f"alarms a function-day at {_BUDGET} asked", str(rate(len(found), days)), "below .045"
    ready = len(learned.ready) * minutes / 1_440
    mine = [one for one in found if one.finding.subject.function_name in learned.ready]
    yield "the same of functions that are ready", str(rate(len(mine), ready)), ""
    for kind in sorted({one.finding.kind for one in found}):
        yield f"  of these {kind}", str(sum(one.finding.kind == kind for one in found)), ""
    for attack in ATTACKS:
        trials = list(attacked(learned, attack))
        yield attack.name, str(share(_by_function(trials))), _WANTED.get(attack.name, "")
        if attack.name.startswith("x20 for"):
            yield from _busy(trials)


def _by_function(trials: list[Trial]) -> list[list[bool]]:
    found: dict[str, list[bool]] = {}
    for one in trials:
        found.setdefault(one.name, []).append(one.delay is not None)
    return list(found.values())


def _busy(trials: list[Trial]) -> Iterator[tuple[str, str, str]]:
    delays = [one.delay for one in trials if one.a_minute >= BUSY and one.delay is not None]
    if delays:
        yield "busy function x20: minutes until told", f"{statistics.median(delays):.0f}", "1"


if __name__ == "__main__":
    raise SystemExit(main())
