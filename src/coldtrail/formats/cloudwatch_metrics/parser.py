"""Counts that nobody samples: answers of `GetMetricData`, lines of metric streams, and plain lines.

A metric stream tells each series of a function several times: by the function, and again by what it was
called as (`Resource`). Only the first is kept, and the second where it names a version.
"""

from __future__ import annotations

from msgspec import Struct

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.features.names.masking import RawNames
from coldtrail.formats.cloudwatch_metrics.answers import Answer, Answers
from coldtrail.formats.cloudwatch_metrics.values import kept_as, metric_of
from coldtrail.formats.json_reading import JsonReader
from coldtrail.formats.lambda_values import version_of
from coldtrail.formats.moments import moment_of, moment_of_millis, within
from coldtrail.formats.problems import Problems
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, Observations
from coldtrail.records.witnesses import Metric

_STREAM_PERIOD_S = 60.0
_MOST_PERIOD_S = 86_400.0
_LARGEST = 1e15
_VALUES = (b'"invocations"', b'"errors"', b'"throttles"', b'"duration_ms_', b'"memory_mb_max"')
Number = int | float | None


class _Dimensions(Struct, gc=False):
    FunctionName: str | None = None
    Resource: str | None = None
    ExecutedVersion: str | None = None
    function_name: str | None = None
    version: str | None = None


class _Streamed(Struct, gc=False):
    metric_stream_name: str | None = None
    account_id: str | None = None
    region: str | None = None
    namespace: str | None = None
    metric_name: str = ""
    dimensions: _Dimensions | None = None
    timestamp: Number = None
    value: dict[str, Number] | None = None


class _Line(Struct, gc=False):
    function_name: str
    start_time: int | float | str
    period_s: Number = None
    account: str | None = None
    region: str | None = None
    application_name: str | None = None
    version: str | None = None
    trigger: str | None = None
    invocations: Number = None
    errors: Number = None
    throttles: Number = None
    duration_ms_p50: Number = None
    duration_ms_max: Number = None
    memory_mb_max: Number = None
    cpu_ms: Number = None
    rx_bytes: Number = None
    tx_bytes: Number = None


class CloudWatchMetricsParser:
    """Metrics of functions; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        most = settings.limits.max_name_chars
        self._read_answer = JsonReader(Answer, "answer of GetMetricData")
        self._read_streamed = JsonReader(_Streamed, "line of a metric stream")
        self._read_line = JsonReader(_Line, "line of metrics")
        self._answers = Answers(most)
        self._names = RawNames(most)

    @staticmethod
    def matches(payload: bytes) -> bool:
        """Whether the payload looks like metrics of functions."""
        if b'"MetricDataResults"' in payload:
            return True
        if b'"metric_name"' in payload:
            return b'"namespace"' in payload and b'"dimensions"' in payload
        return (
            b'"function_name"' in payload
            and b'"start_time"' in payload
            and b'"function_flow_id"' not in payload
            and any(value in payload for value in _VALUES)
        )

    @staticmethod
    def trace_of(payload: bytes) -> bytes | None:
        """Metrics know no traces."""
        return None

    def __call__(self, document: Document) -> Observations:
        """The metrics of the document; its losses are named in `problems`."""
        problems = Problems()
        try:
            metrics = self._metrics(document.payload, problems)
        except RecursionError:
            raise DocumentError("These metrics are nested too deep.") from None
        if problems and not metrics:
            raise DocumentError(problems[0])
        return Observations(
            metrics=tuple(metrics),
            problems=problems,
            more_problems=problems.left_out,
            origin=document.origin,
            place=document.place,
        )

    straight = __call__
    """Metrics are no traces: there are no columns to fill."""

    def _metrics(self, payload: bytes, problems: list[str]) -> list[Metric]:
        if b'"MetricDataResults"' in payload:
            return list(self._answers.metrics(self._read_answer(payload, problems), problems))
        if b'"metric_name"' in payload:
            return self._streamed(self._read_streamed(payload, problems), problems)
        return [self._line(self._read_line(payload, problems))]

    def _streamed(self, line: _Streamed, problems: list[str]) -> list[Metric]:
        dimensions = line.dimensions or _Dimensions()
        function = dimensions.FunctionName or dimensions.function_name
        time = moment_of_millis(line.timestamp) if line.timestamp is not None else None
        if not function:
            return []
        if time is None:
            problems.append("A metric was left out: its timestamp is unusable.")
            return []
        version = _version(dimensions)
        if dimensions.Resource and version is None:
            return []
        metric = metric_of(line.metric_name)
        kept = [
            kept_as(metric, statistic, value)
            for statistic, value in (line.value or {}).items()
            if value is not None and statistic != "count"
        ]
        values = dict(one for one in kept if one is not None)
        if not values:
            return []
        return [
            Metric(
                time,
                _STREAM_PERIOD_S,
                self._names[function],
                account=self._name(line.account_id),
                region=self._name(line.region),
                version=version,
                **values,  # type: ignore[arg-type]
            )
        ]

    def _line(self, line: _Line) -> Metric:
        start = line.start_time
        time = moment_of(start) if isinstance(start, str) else within(float(start))
        period_s = 60.0 if line.period_s is None else float(line.period_s)
        if time is None or not 0 < period_s <= _MOST_PERIOD_S:
            raise DocumentError("The start_time or period_s of this line is unusable: give seconds.")
        if not line.function_name:
            raise DocumentError("This line of metrics names no function.")
        return Metric(
            time,
            period_s,
            self._names[line.function_name],
            application_name=self._name(line.application_name),
            account=self._name(line.account),
            region=self._name(line.region),
            version=self._name(line.version),
            trigger=self._name(line.trigger),
            invocations=_amount(line.invocations),
            errors=_amount(line.errors),
            throttles=_amount(line.throttles),
            duration_s_median=_amount(line.duration_ms_p50, 1_000),
            duration_s_max=_amount(line.duration_ms_max, 1_000),
            memory_mb_max=_amount(line.memory_mb_max),
            cpu_s=_amount(line.cpu_ms, 1_000),
            rx_bytes=_amount(line.rx_bytes),
            tx_bytes=_amount(line.tx_bytes),
        )

    def _name(self, name: str | None) -> str | None:
        return self._names[name] if name else None


def _version(dimensions: _Dimensions) -> str | None:
    resource = (dimensions.Resource or "").partition(":")[2]
    return version_of(dimensions.ExecutedVersion or dimensions.version or resource)


def _amount(number: Number, per: float = 1.0) -> float | None:
    return number / per if number is not None and 0 <= number < _LARGEST else None
