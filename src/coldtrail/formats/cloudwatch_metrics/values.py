"""What CloudWatch calls the metrics of a function, and which value of each is kept under which name.

Sources: AWS Lambda developer guide, "Types of metrics for Lambda functions"; Amazon CloudWatch user guide,
"Metrics collected by Lambda Insights".
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SUMS = ("Sum", "sum", "SampleCount", "")
_MOST = ("Maximum", "max", "Max", "p100")
_MEDIANS = ("p50", "Median", "median", "tm50")
_MILLI = 0.001
_LARGEST = 1e15


class Kept(NamedTuple):
    """Under which name a statistic of a metric is kept, and by what it is multiplied."""

    name: str
    statistics: tuple[str, ...]
    factor: float = 1.0


KEPT: dict[str, tuple[Kept, ...]] = {
    "invocations": (Kept("invocations", _SUMS),),
    "errors": (Kept("errors", _SUMS),),
    "throttles": (Kept("throttles", _SUMS),),
    "duration": (
        Kept("duration_s_median", _MEDIANS, _MILLI),
        Kept("duration_s_max", (*_MOST, ""), _MILLI),
    ),
    "usedmemorymax": (Kept("memory_mb_max", (*_MOST, "")),),
    "memory": (Kept("memory_mb_max", (*_MOST, "")),),
    "cputotaltime": (Kept("cpu_s", _SUMS, _MILLI),),
    "rxbytes": (Kept("rx_bytes", _SUMS),),
    "txbytes": (Kept("tx_bytes", _SUMS),),
}
"""By the metric's name in lower case, without underscores. No statistic is the one that is usual for it."""
STATISTICS = frozenset((*_SUMS, *_MOST, *_MEDIANS, "Average", "Minimum", "avg", "min", "count")) - {""}
_OTHER_STATISTIC = re.compile(r"(?:p|tm|tc|ts|wm)\d{1,3}(?:\.\d{1,4})?")


def metric_of(name: str) -> str:
    """The name as `KEPT` has it."""
    return name.replace("_", "").casefold()


def is_statistic(word: str) -> bool:
    """Whether the word names a statistic."""
    return word in STATISTICS or _OTHER_STATISTIC.fullmatch(word) is not None


def kept_as(metric: str, statistic: str, value: float) -> tuple[str, float] | None:
    """The name that a value is kept under, and the value in that name's unit; None where it is not kept."""
    for kept in KEPT.get(metric, ()):
        if statistic in kept.statistics and 0 <= value < _LARGEST:
            return kept.name, value * kept.factor
    return None
