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
_IDS_ALONE = (b'"TraceSummaries"', b'"TraceIds"', b'"ContainsOldGroupVersions"')
"""Keys of what names traces, or services, and holds no steps."""
_SUMMARY = re.compile(rb'"Id"\s{0,9}:\s{0,9}"1-[0-9a-f]{8}-[0-9a-f]{24}"')
_ID_ALONE = re.compile(rb'\s{0,9}\[?\s{0,9}"1-[0-9a-f]{8}-[0-9a-f]{24}"')
_DAEMON = re.compile(
    rb'\s{0,9}\{\s{0,9}"format"\s{0,9}:\s{0,9}"json"\s{0,9},\s{0,9}"version"\s{0,9}:\s{0,9}\d{1,9}\s{0,9}\}\s{0,9}'
)
"""What SDKs put before each segment that they send to X-Ray's daemon:
https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html."""
_HEAD_BYTES = 2_048
_WITHIN = frozenset(("Segments", "Spans", "Document"))
_FETCH = "fetch the traces themselves with `aws xray batch-get-traces --trace-ids {ids}`."
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
    if any(key in payload for key in _IDS_ALONE):
        return True
    return (
        (b'"HasFault"' in payload and b'"HasThrottle"' in payload)
        or (b'"ReferenceId"' in payload and b'"Edges"' in payload)
        or _SUMMARY.search(payload, 0, _HEAD_BYTES) is not None
        or _ID_ALONE.match(payload) is not None
        or _DAEMON.fullmatch(payload) is not None
    )


def is_header(value: dict[str, Any]) -> bool:
    """Whether it is what SDKs put before each segment that they send to X-Ray's daemon."""
    return value.keys() == {"format", "version"} and value["format"] == "json"


def refusal_of_text(text: str) -> str | None:
    """Why a text holds no segment, where it is the id of a trace."""
    if _TRACE_ID.fullmatch(text) is None:
        return None
    return f"this is the id of a trace, which holds no steps; {_fetch([{'Id': text}])}"


def refusal(value: dict[str, Any]) -> str | None:
    """Why an answer of X-Ray holds no traces, and what does; None where it is no such answer."""
    summaries = value.get("TraceSummaries")
    if isinstance(summaries, list):
        return f"these are trace summaries, which hold no steps; {_fetch(summaries)}"
    ids = value.get("TraceIds")
    if isinstance(ids, list):
        return f"these are ids of traces, which hold no steps; {_fetch([{'Id': one} for one in ids])}"
    if ("HasFault" in value and "HasThrottle" in value) or _is_summary(value):
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


def _is_summary(value: dict[str, Any]) -> bool:
    """Whether it names a trace as the fields of a summary that a query kept do, without its segments."""
    one = value.get("Id")
    return isinstance(one, str) and _TRACE_ID.fullmatch(one) is not None and not value.keys() & _WITHIN


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
