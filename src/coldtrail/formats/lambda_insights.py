"""Lambda Insights: what its extension measures of each run: processor, memory, network, `/tmp`; as EMF.

Source: Amazon CloudWatch user guide, "Metrics collected by Lambda Insights". Managed Instances measure shares
of an instance instead, which say nothing of one run: of these only the run itself is kept.
"""

from __future__ import annotations

from msgspec import Struct, field

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.features.names.masking import RawNames
from coldtrail.formats.function_logs import FunctionLogs
from coldtrail.formats.ids import as_told, is_id
from coldtrail.formats.json_reading import JsonReader
from coldtrail.formats.lambda_values import seconds_of, trace_of, version_of
from coldtrail.formats.moments import moment_of_millis
from coldtrail.formats.problems import Problems
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, Observations
from coldtrail.records.witnesses import Report

_MOST = 1e15
Number = int | float | None


class _Emf(Struct, gc=False):
    Timestamp: Number = None


class _Insight(Struct, gc=False):
    aws: _Emf | None = field(default=None, name="_aws")
    event_type: str | None = None
    function_name: str | None = None
    version: str | None = None
    request_id: str | None = None
    trace_id: str | None = None
    duration: Number = None
    billed_duration: Number = None
    cold_start: bool | None = None
    init_duration: Number = None
    used_memory_max: Number = None
    total_memory: Number = None
    cpu_total_time: Number = None
    tx_bytes: Number = None
    rx_bytes: Number = None
    tmp_used: Number = None
    tmp_max: Number = None
    tmp_free: Number = None
    shutdown_reason: str | None = None


class LambdaInsightsParser:
    """EMF records to reports; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        self._read = JsonReader(_Insight, "record of Lambda Insights")
        self._logs = FunctionLogs()
        self._names = RawNames(settings.limits.max_name_chars)

    @staticmethod
    def matches(payload: bytes) -> bool:
        """Whether the payload looks like a record of Lambda Insights."""
        return b'"LambdaInsights"' in payload and b'"function_name"' in payload

    @staticmethod
    def trace_of(payload: bytes) -> bytes | None:
        """Measurements tell of no spans."""
        return None

    def __call__(self, document: Document) -> Observations:
        """The one report of the record."""
        problems = Problems()
        try:
            record = self._read(document.payload, problems)
        except RecursionError:
            raise DocumentError("This record of Lambda Insights is nested too deep.") from None
        if not record.function_name:
            raise DocumentError("This record of Lambda Insights does not name its function.")
        request_id = record.request_id
        if request_id is not None and not is_id(request_id):
            problems.append("The request_id of this record was left out: it is unusable.")
            request_id = None
        log = self._logs.of(document)
        report = Report(
            self._time(record, document),
            request_id and as_told(request_id),
            self._names[record.function_name],
            "insights",
            account=log.account,
            region=log.region,
            version=version_of(record.version),
            trace_id=trace_of(record.trace_id),
            status="timeout" if (record.shutdown_reason or "").casefold() == "timeout" else None,
            duration_s=_seconds(record.duration),
            billed_s=_seconds(record.billed_duration),
            init_s=_seconds(record.init_duration),
            cpu_s=_seconds(record.cpu_total_time),
            memory_mb=_amount(record.total_memory),
            memory_used_mb=_amount(record.used_memory_max),
            rx_bytes=_amount(record.rx_bytes),
            tx_bytes=_amount(record.tx_bytes),
            tmp_used_bytes=_tmp_used(record),
            cold_start=record.cold_start,
        )
        return Observations(
            reports=(report,),
            problems=problems,
            more_problems=problems.left_out,
            origin=document.origin,
            place=document.place,
        )

    straight = __call__
    """Measurements are no traces: there are no columns to fill."""

    @staticmethod
    def _time(record: _Insight, document: Document) -> float | None:
        millis = record.aws.Timestamp if record.aws is not None else None
        time = moment_of_millis(millis) if millis is not None else None
        return time or (document.log.time if document.log is not None else None)


def _seconds(millis: Number) -> float | None:
    return None if millis is None else seconds_of(millis)


def _amount(number: Number) -> float | None:
    return float(number) if number is not None and 0 <= number < _MOST else None


def _tmp_used(record: _Insight) -> float | None:
    used, most, free = _amount(record.tmp_used), _amount(record.tmp_max), _amount(record.tmp_free)
    if used is None and most is not None and free is not None and free <= most:
        return most - free
    return used
