"""Traces in TraceAnomaly's form."""

from __future__ import annotations

from pathlib import Path
from random import Random

PATHS = 6


def write_traces(folder: Path, sizes: tuple[int, int, int] = (150, 40, 10)) -> None:
    """Writes three files: normal traces to learn and to judge, and ones with a slow or a lost call."""
    random = Random(11)
    for name, size in zip(("train", "test_normal", "test_abnormal"), sizes, strict=True):
        lines = [trace(random, name == "test_abnormal" and 1 + number % 2) for number in range(size)]
        (folder / name).write_text("".join(f"5f1c-{name}-{n}:{line}\n" for n, line in enumerate(lines)))


def trace(random: Random, fault: int) -> str:
    """The response times of one trace: fault 1 is a slow call, 2 one that is not made."""
    times = [random.lognormvariate(3.0, 0.2) for _ in range(PATHS)]
    if random.random() < 0.5:
        times[-1] = 0.0
    if fault == 1:
        times[2] += 9000.0
    elif fault == 2:
        times[1] = 0.0
    return ",".join(f"{time:g}" for time in times)
