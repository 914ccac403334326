"""Runs cases of all families in turn and prints what went wrong; the status is 1 where anything did."""

from __future__ import annotations

import argparse
import resource
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from benchmarks.fuzz.families import bundles, commands, documents, feedback, formats, labels, settings, states
from benchmarks.fuzz.ground import Ground, folder, ground
from benchmarks.fuzz.judging import refused

_MOST_MEMORY = 6 * 2**30
"""Of this process: what takes more fails, and is told."""
Family = Callable[[Random, Ground, Path], list[str]]
FAMILIES: dict[str, Family] = {
    "documents": documents.run,
    "formats": formats.run,
    "bundles": bundles.run,
    "states": states.run,
    "settings": settings.run,
    "feedback": feedback.run,
    "labels": labels.run,
    "commands": commands.run,
}
SHARES = {
    "documents": 6,
    "formats": 8,
    "bundles": 6,
    "states": 4,
    "settings": 3,
    "feedback": 1,
    "labels": 2,
    "commands": 2,
}
"""Cases of each family in a round."""


def main() -> int:
    """The exit status."""
    options = _parser().parse_args()
    limit = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, limit))
    families = (
        [options.family] if options.family else [name for name in FAMILIES for _ in range(SHARES[name])]
    )
    first = options.case if options.case is not None else options.seed * 10_000_000
    most = 1 if options.case is not None else options.cases
    done: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    print(f"seed {options.seed}: cases from {first} on", flush=True)
    started = told = time.monotonic()
    with ground() as base:
        for number in range(first, first + most):
            if options.seconds and time.monotonic() - started > options.seconds:
                break
            family = families[number % len(families)]
            done[family] += 1
            if problems := problems_of_case(family, number, base):
                wrong[family] += 1
                print(f"\n--family {family} --case {number}", *problems, sep="\n", flush=True)
            if time.monotonic() - told > 300:
                told = time.monotonic()
                print(f"{told - started:,.0f} s: {done.total():,} cases, {wrong.total():,} wrong", flush=True)
    for family, count in done.items():
        print(f"{family:10} {count:7,} cases, {wrong[family]:,} wrong")
    print(f"refused: {', '.join(f'{count:,} {name}' for name, count in refused.most_common())}")
    print(f"{done.total():,} cases in {time.monotonic() - started:,.0f} s, {wrong.total():,} wrong")
    return 1 if wrong else 0


def problems_of_case(family: str, number: int, base: Ground) -> list[str]:
    """What is wrong with one case, which its number makes again."""
    with folder(base) as place:
        return FAMILIES[family](Random(f"{family} {number}"), base, place)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()) % 1_000, help="default: by the clock")
    parser.add_argument("--cases", type=int, default=10**9, help="at most so many (default: no bound)")
    parser.add_argument("--seconds", type=float, default=0.0, help="at most so long (default: no bound)")
    parser.add_argument("--family", choices=FAMILIES, help="this one alone")
    parser.add_argument("--case", type=int, help="this case of the family, once more")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
