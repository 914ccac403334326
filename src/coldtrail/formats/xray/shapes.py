"""The shapes in which people save what X-Ray's API gave, and those that hold no traces.

`--query 'Traces[].Segments[]'` gives segments with their ids, `Traces[].Segments[].Document` their texts; the
request of `PutTraceSegments` is kept for tests; scripts store one trace under a key of their own.
"""

from __future__ import annotations

import re
from typing import Any

_MOST_IDS = 5
"""Traces that one call of `BatchGetTraces` takes."""
_TRACE_ID = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_FETCH = "fetch their traces with `aws xray batch-get-traces --trace-ids {ids}`."
_MOST_WRAPPED = 100
_OPEN = b"[ \t\r\n"


def looks_saved(payload: bytes) -> bool:
    """Whether the payload looks like what X-Ray gave in any shape but that of traces and segments."""
    if b'trace_id\\"' in payload:
        return (
            payload[:64].lstrip(_OPEN)[:1] == b'"'
            or b'"Document"' in payload
            or b'"TraceSegmentDocuments"' in payload
        )
    return (
        b'"TraceSummaries"' in payload
        or (b'"HasFault"' in payload and b'"HasThrottle"' in payload)
        or (b'"ReferenceId"' in payload and b'"Edges"' in payload)
    )


def refusal(value: dict[str, Any]) -> str | None:
    """Why an answer of X-Ray holds no traces, and what does; None where it is no such answer."""
    summaries = value.get("TraceSummaries")
    if isinstance(summaries, list):
        return f"these are trace summaries, which hold no steps; {_fetch(summaries)}"
    if "HasFault" in value and "HasThrottle" in value:
        return f"this is a trace summary, which holds no steps; {_fetch([value])}"
    services = value.get("Services")
    if (isinstance(services, list) and "Traces" not in value) or (
        "ReferenceId" in value and "Edges" in value
    ):
        return (
            "this is a service graph, which holds no invocations; list the traces of its time with "
            f"`aws xray get-trace-summaries`, and {_fetch([])}"
        )
    return None


def _fetch(summaries: list[Any]) -> str:
    ids = [one.get("Id") for one in summaries[:_MOST_IDS] if isinstance(one, dict)]
    known = [one for one in ids if isinstance(one, str) and _TRACE_ID.fullmatch(one)]
    return _FETCH.format(ids=" ".join(known) or "...")


def wrapped(value: dict[str, Any]) -> list[Any]:
    """The traces, or answers with traces, that lie under keys which X-Ray does not know."""
    inner = [one for one in list(value.values())[:_MOST_WRAPPED] if isinstance(one, dict | list)]
    return [one for one in inner if _holds_traces(one)]


def _holds_traces(value: Any) -> bool:
    if isinstance(value, list):
        return any(isinstance(one, dict) and _holds_traces(one) for one in value[:_MOST_WRAPPED])
    if {"Segments", "Traces", "TraceSegmentDocuments"} & value.keys():
        return True
    return any(isinstance(one, dict) and "Segments" in one for one in list(value.values())[:_MOST_WRAPPED])
