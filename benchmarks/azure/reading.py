"""Invocations of Azure functions by the minute, and what the detector sees of them: written as lines of
metrics, read by the parser, and counted by the stage that makes windows."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from coldtrail.assembly.windows import Windows
from coldtrail.config import Settings
from coldtrail.formats.detect import parser_for
from coldtrail.records.encounter import Encounter
from coldtrail.records.telemetry import Document

Counts = NDArray[np.float64]
MINUTE_S = 60.0
BEGIN = 19_000 * 86_400.0 + 8 * 3_600.0
"""The columns begin at 8 h of a day."""


class Functions(NamedTuple):
    """Functions, with the invocations of each by the minute."""

    names: list[str]
    triggers: list[str]
    counts: Counts
    applications: list[str]


def functions(folder: Path) -> Functions:
    """The functions of `invocations.csv` in the folder: one a line, a column a minute."""
    with (folder / "invocations.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    counts = np.array([[float(one or 0) for one in row[4:]] for row in rows])
    return Functions([row[2] for row in rows], [row[3] for row in rows], counts, [row[1] for row in rows])


def encounters(some: Functions, first: int, *, with_trigger: bool = True) -> list[Encounter]:
    """What the detector sees of counts that begin with this minute."""
    parse = parser_for("cloudwatch-metrics", Settings())
    windows = Windows(Settings())
    for line in _lines(some, first, with_trigger):
        windows.push(parse(Document(line, "azure")).metrics)
    told = windows.advance(inf)
    seen = [Encounter(one.start_time + one.period_s, one, one.key) for one in told]
    return sorted(seen, key=lambda one: one.at)


def _lines(some: Functions, first: int, with_trigger: bool) -> Iterator[bytes]:
    """Lines of metrics; minutes without invocations have none, as in Lambda's metrics."""
    for minute in range(some.counts.shape[1]):
        for number in np.flatnonzero(some.counts[:, minute]).tolist():
            line: dict[str, Any] = {
                "account": "111122223333",
                "region": "eu-west-1",
                "application_name": "azure",
                "function_name": some.names[number],
                "start_time": BEGIN + (first + minute) * MINUTE_S,
                "period_s": MINUTE_S,
                "invocations": float(some.counts[number, minute]),
            }
            if with_trigger:
                line["trigger"] = some.triggers[number]
            yield msgspec.json.encode(line)


def part(some: Functions, which: Sequence[int] | NDArray[np.intp], counts: Counts) -> Functions:
    """Some of the functions, with other counts."""
    return Functions(
        [some.names[one] for one in which],
        [some.triggers[one] for one in which],
        counts,
        [some.applications[one] for one in which],
    )
