"""Answers of `GetMetricData`, whose labels say what each series is about.

A query is labelled `${PROP('AccountId')} ${PROP('Region')} ${PROP('Dim.FunctionName')} ${PROP('MetricName')}
${PROP('Stat')} ${PROP('Period')}`; any of these words may be missing but the function's, and where the metric
or its statistic is, the query's id names them (`duration_p50_3`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from msgspec import Struct

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.cloudwatch_metrics.values import KEPT, is_statistic, kept_as, metric_of
from coldtrail.formats.moments import moment_of, within
from coldtrail.records.witnesses import Metric

_PERIOD_S = 60.0
_MOST_PERIOD_S = 86_400.0
_WORDS = re.compile(r"[^\s|,]{1,400}")
_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d")
_PERIOD = re.compile(r"\d{1,5}")
_NAMED = re.compile(r"(?:FunctionName|function_name)[=:](.+)")
_MOST_LABEL_CHARS = 1_024
_MOST_POINTS = 200_000
Key = tuple[str, str | None, str | None, float, float]
"""Function, account, region, start and period."""


class Series(Struct, gc=False):
    """One series of an answer."""

    Id: str = ""
    Label: str = ""
    Timestamps: list[str | int | float] | None = None
    Values: list[int | float] | None = None


class Answer(Struct, gc=False):
    """An answer."""

    MetricDataResults: list[Series]


class _About(NamedTuple):
    function: str = ""
    account: str | None = None
    region: str | None = None
    metric: str = ""
    statistic: str = ""
    period_s: float = 0.0
    """0 where the label does not say."""


class Answers:
    """Answers to metrics: one a function and period, whatever series its values stand in."""

    def __init__(self, max_chars: int) -> None:
        self._names = RawNames(max_chars)

    def metrics(self, answer: Answer, problems: list[str]) -> Iterator[Metric]:
        """The metrics of an answer."""
        found: dict[Key, dict[str, Any]] = {}
        usual_s = _distance(answer.MetricDataResults)
        for number, series in enumerate(answer.MetricDataResults, 1):
            about = _about(series)
            if not about.function or about.metric not in KEPT:
                problems.append(
                    f"Series {number:,} was left out: its label does not name a function and a metric of one."
                )
            else:
                about = about._replace(period_s=about.period_s or usual_s)
                _add(series, about, found, problems, number)
        for (function, account, region, start, period_s), values in found.items():
            yield Metric(start, period_s, self._names[function], account=account, region=region, **values)


def _add(
    series: Series, about: _About, found: dict[Key, dict[str, Any]], problems: list[str], number: int
) -> None:
    times, values = _times(series), series.Values or []
    lost = abs(len(times) - len(values))
    for time, value in zip(times, values, strict=False):
        kept = kept_as(about.metric, about.statistic, value)
        if time is None:
            lost += 1
        elif kept is not None:
            key = about.function, about.account, about.region, time, about.period_s
            found.setdefault(key, {})[kept[0]] = kept[1]
    if lost:
        problems.append(f"Series {number:,} has {lost:,} points without a usable time or value.")


def _about(series: Series) -> _About:
    """What a series is about."""
    about: dict[str, Any] = {}
    rest: list[str] = []
    for word in _WORDS.findall(series.Label[:_MOST_LABEL_CHARS]):
        if _ACCOUNT.fullmatch(word):
            about.setdefault("account", word)
        elif _REGION.fullmatch(word):
            about.setdefault("region", word)
        elif metric_of(word) in KEPT and "metric" not in about:
            about["metric"] = metric_of(word)
        elif is_statistic(word):
            about.setdefault("statistic", word)
        elif _PERIOD.fullmatch(word) and 0 < float(word) <= _MOST_PERIOD_S:
            about.setdefault("period_s", float(word))
        else:
            named = _NAMED.fullmatch(word)
            rest.append(named[1] if named else word)
    if rest:
        about["function"] = rest[0].rpartition(":function:")[2]
    _complete(about, series.Id)
    return _About(**about)


def _complete(about: dict[str, Any], query_id: str) -> None:
    """Takes what the label leaves open from the query's id."""
    words = query_id[:256].split("_")
    if "metric" not in about:
        for end in range(len(words), 0, -1):
            metric = metric_of("_".join(words[:end]))
            if metric in KEPT:
                about["metric"] = metric
                break
    if "statistic" not in about:
        about["statistic"] = next((word for word in words if is_statistic(word)), "")


def _time_of(stamp: str | int | float) -> float | None:
    return moment_of(stamp) if isinstance(stamp, str) else within(float(stamp))


def _times(series: Series) -> list[float | None]:
    return [_time_of(stamp) for stamp in (series.Timestamps or ())[:_MOST_POINTS]]


def _distance(all_series: list[Series]) -> float:
    """The shortest time between two points of an answer, which is the period where few are missing."""
    times = {time for series in all_series for time in _times(series) if time is not None}
    gaps = [after - before for before, after in pairwise(sorted(times))]
    return min(gaps) if gaps and min(gaps) <= _MOST_PERIOD_S else _PERIOD_S
