"""Traces of TrainTicket with TraceAnomaly's split (Liu et al. 2020), in their published form.

A folder with `train`, `test_normal` and `test_abnormal` (unpacked), one trace a line: `id:t1,t2,…`. The n-th
number is the response time in milliseconds of the n-th call path, 0 where the trace does not hold it; lines
are of one length. What the paths are called lies in a pickle (`idx.pkl`), which is not read, since unpickling
runs what it likes: calls are named by their place.

A trace is a run and each of its call paths a step that takes the response time. The form does not say when
calls began, so all begin with the trace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import inf
from pathlib import Path

from benchmarks.peers.public.messages import letters
from benchmarks.peers.public.split import Session, Split, Step, refuse

FILES = ("train", "test_normal", "test_abnormal")
MS = 0.001


def load(path: Path) -> Split:
    """The split of a folder; raises SystemExit with a sentence where it is not there or malformed."""
    if not path.is_dir():
        refuse(path, f"is no folder; give the one that holds {', '.join(FILES)}.")
    width: list[int] = []
    train, normal, abnormal = ([*_traces(path / name, width)] for name in FILES)
    return Split(tuple(train), Counter(normal), Counter(abnormal))


def _traces(path: Path, width: list[int]) -> Iterator[Session]:
    """The traces of a file, each of as many paths as `width` holds, which the first line sets."""
    if not path.is_file():
        packed = path.with_name(f"{path.name}.zip")
        refuse(path, f"is missing; unpack {packed.name} first." if packed.is_file() else "is missing.")
    empty = True
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            times = _times(path, number, line)
            width[:] = width or [len(times)]
            if len(times) != width[0]:
                refuse(path, f"holds {len(times):,} times where other lines hold {width[0]:,}.", number)
            trace = tuple(
                Step(f"path {letters(place)}", time * MS) for place, time in enumerate(times) if time > 0.0
            )
            if not trace:
                refuse(path, "is a trace without any call.", number)
            empty = False
            yield trace
    if empty:
        refuse(path, "holds no trace.")


def _times(path: Path, number: int, line: str) -> list[float]:
    """Milliseconds of each path."""
    name, colon, values = line.strip().partition(":")
    try:
        times = [float(value) for value in values.split(",")]
    except ValueError:
        times = []
    if not name or not colon or not times or not all(0.0 <= time < inf for time in times):
        refuse(
            path,
            "is not a trace: an id, a colon, and response times of 0 ms or more parted by commas.",
            number,
        )
    return times
