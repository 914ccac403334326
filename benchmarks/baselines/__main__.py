"""`python -m benchmarks.baselines`: processor time and state of all detectors of signals, for many functions.

Functions of the mix of `benchmarks.worlds.days` are followed for some hours by the cloud's metrics, each
minute given as it comes; then each minute is timed, ends of hours among them.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import time
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.measuring import machine
from benchmarks.worlds.days import counts as counting
from benchmarks.worlds.days.functions import Function, drawn_functions
from benchmarks.worlds.days.telling import BEGIN, MINUTE_S
from coldtrail.config import BaselineSettings
from coldtrail.detectors.signal_detector import SignalDetector
from coldtrail.records.encounter import Encounter
from coldtrail.records.window import Window
from coldtrail.registry import SIGNAL_DETECTORS, load

MOST_MS, MOST_BYTES = 50.0, 8 * 1024
DRAWN = 1_000
"""So many functions are drawn; the others run as one of these does."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 if a minute takes no longer, and a function no more room, than promised."""
    options = parser().parse_args(arguments)
    detectors = {name: _made(name) for name in SIGNAL_DETECTORS}
    seconds = {name: np.zeros(0) for name in detectors}
    windows = 0
    for minute, batch in enumerate(minutes(options.functions, options.warm + options.minutes)):
        until = BEGIN + (minute + 1) * MINUTE_S + 0.5
        windows += len(batch) if minute >= options.warm else 0
        for name, detector in detectors.items():
            told = [one for one in batch if isinstance(one.what, detector.sees)]
            clock = time.process_time()
            detector.see(told, until)
            if minute >= options.warm:
                seconds[name] = np.append(seconds[name], time.process_time() - clock)
    sizes = {name: _bytes(detector) / options.functions for name, detector in detectors.items()}
    print(machine())
    print(
        f"{options.functions:,} functions, {options.warm} minutes to learn, {options.minutes} timed, "
        f"{windows / options.minutes:,.0f} of the functions run in one of these"
    )
    return _told(seconds, sizes)


def _told(seconds: dict[str, np.ndarray], sizes: dict[str, float]) -> int:
    print("| detector | ms a minute, mean | median | longest | bytes a function |")
    print("|---|---|---|---|---|")
    rows = {**seconds, "all": np.sum([*seconds.values()], axis=0)}
    sizes = {**sizes, "all": sum(sizes.values())}
    for name, of in rows.items():
        ms = of * 1_000
        print(f"| {name} | {ms.mean():.1f} | {np.median(ms):.1f} | {ms.max():.1f} | {sizes[name]:,.0f} |")
    met = rows["all"].mean() * 1_000 <= MOST_MS and sizes["all"] <= MOST_BYTES
    print(f"Bars: {MOST_MS:g} ms and {MOST_BYTES:,} bytes: {'met' if met else 'SHORT'}.")
    return 0 if met else 1


def minutes(number: int, length: int) -> Iterator[list[Encounter]]:
    """The windows of each minute: of functions that ran in it."""
    random = np.random.default_rng(1)
    drawn = drawn_functions(random, min(DRAWN, number))
    days = [
        counting.of_day(random, drawn, day, np.ones((len(drawn), counting.MINUTES)))
        for day in range(1 + length // counting.MINUTES)
    ]
    runs = np.concatenate(days, axis=1)
    for minute in range(length):
        places = np.arange(number)
        now = runs[places % len(drawn), (minute + 7 * (places // len(drawn))) % runs.shape[1]]
        yield [_window(drawn, place, minute, int(now[place])) for place in np.flatnonzero(now).tolist()]


def _window(drawn: list[Function], place: int, minute: int, number: int) -> Encounter:
    function = drawn[place % len(drawn)]
    key = function.key._replace(function=f"{function.key.function}-{place // len(drawn)}")
    start = BEGIN + minute * MINUTE_S
    window = Window(
        *key,
        start_time=start,
        source="metrics",
        invocations=float(number),
        memory_mb_max=function.usage.memory_mb,
        duration_s_median=function.usage.duration_s,
    )
    return Encounter(start + MINUTE_S, window, key)


def _bytes(detector: SignalDetector) -> int:
    return sum(array.nbytes for array in detector.snapshot().values())


def _made(name: str) -> SignalDetector:
    made: SignalDetector = load(SIGNAL_DETECTORS, name, "detector of signals")(BaselineSettings())
    return made


def parser() -> argparse.ArgumentParser:
    """The options."""
    command = argparse.ArgumentParser(prog="benchmarks.baselines", description="Cost of following functions.")
    command.add_argument("--functions", type=int, default=10_000)
    command.add_argument("--warm", type=int, default=300, help="minutes that are learned first (default 300)")
    command.add_argument("--minutes", type=int, default=120, help="that are timed (default 120)")
    return command


if __name__ == "__main__":
    raise SystemExit(main())
