"""Azure's Application Insights: requests as runs of functions and services, dependencies as their steps.

Read are rows of the tables AppRequests and AppDependencies one by one, in `records` as diagnostic settings
export them, in `tables` as queries answer, the same under the columns' older names, and events as
`az monitor app-insights events show` prints them.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.appinsights.rows import Row, rows_of
from coldtrail.formats.appinsights.spans import part_of
from coldtrail.formats.ids import is_id
from coldtrail.formats.json_reading import object_of
from coldtrail.formats.moments import moment_of
from coldtrail.formats.otel.observing import Observing
from coldtrail.formats.otel.rows import Meant, Rows
from coldtrail.formats.otel.spans import Told
from coldtrail.formats.problems import Problems
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, Observations
from coldtrail.records.witnesses import Metric

_KEYS = (b'"OperationId"', b'"operation_Id"')
_OTHERS = tuple(
    f'"{name}"'.encode()
    for name in ("AppRoleName", "cloud_RoleName", "itemType", "_ResourceId", "columns", "TimeGenerated")
)
_EVENT = (b'"operation"', b'"customDimensions"', b'"cloud"', b'"timestamp"')
"""Keys of every event of the query API."""
_TRACE = re.compile(rb'"(?:OperationId|operation_Id)"\s*:\s*"([^"\\]{1,256})"')
_HEX_CHARS = 32
_MOST_MILLIS = 1e12
_MOST_ITEMS = 1_000_000
"""That one item stands for."""


class AppInsightsParser:
    """Rows to runs and steps; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        self._rows = Rows(settings.limits)
        self._observing = Observing("appinsights")

    @staticmethod
    def matches(payload: bytes) -> bool:
        """Whether the payload looks like rows of Application Insights."""
        if any(key in payload for key in _KEYS):
            return any(key in payload for key in _OTHERS)
        return all(key in payload for key in _EVENT)

    @staticmethod
    def trace_of(payload: bytes) -> bytes | None:
        """The id of the trace, where the payload is one row."""
        ids: list[bytes] = _TRACE.findall(payload)
        if len(ids) != 1:
            return None
        return ids[0].lower() if len(ids[0]) == _HEX_CHARS else ids[0]

    def __call__(self, document: Document) -> Observations:
        """What the rows say; losses are named in `problems`."""
        problems = Problems()
        found = Observations(problems=problems, origin=document.origin, place=document.place)
        try:
            rows = rows_of(object_of(document.payload, "row of Application Insights", problems), problems)
            read = [(row, told) for row in rows if (told := self._told(row, problems)) is not None]
            spans = [told for _, told in read]
        except RecursionError:
            raise DocumentError("This row of Application Insights is nested too deep.") from None
        if not spans and problems:
            raise DocumentError(problems[0])
        found = self._observing.add(spans, found) if spans else found
        samples = tuple(sample for row, told in read if (sample := _sample(row, told)) is not None)
        if samples or problems.left_out:
            found = replace(found, metrics=samples, more_problems=problems.left_out)
        return found

    straight = __call__
    """Steps of rows are records: there are no columns to fill."""

    def _told(self, row: Row, problems: list[str]) -> Told | None:
        start, duration = moment_of(row.text("time")), _millis(row.get("duration"))
        if start is None or duration is None:
            problems.append("A row was left out: its time or its duration is unusable.")
            return None
        known = self._rows.remembered(row.telling, lambda: part_of(row))
        request_id = row.properties.get("InvocationId")
        if request_id is not None and is_id(request_id):
            known = Meant(known.meaning, request_id)
        ids = row.text("trace"), row.text("id"), row.text("parent") or None
        failed = _is_false(row.get("success"))
        return self._rows.told(ids, known, start, start + duration / 1_000, failed, problems)


def _sample(row: Row, told: Told) -> Metric | None:
    """For how many requests a row stands: adaptive sampling keeps one of so many."""
    count = row.get("count")
    if row.is_dependency or not isinstance(count, int) or isinstance(count, bool):
        return None
    if not 0 < count <= _MOST_ITEMS:
        return None
    owner = told.meaning.owner
    return Metric(
        told.start,
        0.0,
        owner.name,
        owner.application,
        owner.account,
        owner.region,
        invocations=float(count),
        errors=float(count * told.failed),
        sample=f"{told.trace_id} {told.span_id}",
    )


def _millis(value: object) -> float | None:
    """Milliseconds, also as text; of a time span (`00:00:01.5`), what it comes to."""
    if value.__class__ is float:
        return value if 0 <= value < _MOST_MILLIS else None
    if isinstance(value, str) and len(value) <= 32:
        hours, _, rest = value.partition(":")
        minutes, colon, seconds = rest.partition(":")
        try:
            if colon:
                return (float(hours) * 3_600 + float(minutes) * 60 + float(seconds)) * 1_000
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < _MOST_MILLIS else None


def _is_false(value: object) -> bool:
    return value is False or (isinstance(value, str) and value.casefold() in ("false", "0"))
