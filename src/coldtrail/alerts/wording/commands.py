"""Commands that a responder can paste. They only read.

Names in telemetry may come from an attacker. Only those that no shell and no AWS command line can take for
anything else become part of a command (`file://` would send a file away); for others, words stand there.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from coldtrail.alerts.wording.phrases import plain, short

AROUND_S = 900.0
"""How far before and after a moment CloudTrail is asked: its events come up to a quarter of an hour apart."""
_XRAY_ID = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_DATA_PLANES = frozenset(("s3", "dynamodb", "lambda", "sns", "sqs"))
"""Services whose calls are mostly data events, which CloudTrail's event history leaves out."""
_BARE_ID = re.compile(r"[0-9a-f]{32}")


def show_trace(trace_id: str, region: str | None = None) -> str:
    """The command that fetches a trace from X-Ray; where the id is none of X-Ray's, only the trace's name."""
    found = xray_id(trace_id)
    if found is None:
        return f"trace {plain(trace_id)}"
    return f"aws xray batch-get-traces --trace-ids {found}{_there(region)}"


def xray_id(trace_id: str) -> str | None:
    """A trace id as X-Ray writes it, of that form or of 32 hexadecimal digits; None where it is neither."""
    if _XRAY_ID.fullmatch(trace_id):
        return trace_id
    return f"1-{trace_id[:8]}-{trace_id[8:]}" if _BARE_ID.fullmatch(trace_id) else None


def around(at: float) -> str:
    """The part of a command that names the minutes around a moment; empty where it is no moment."""
    first, last = _moment(at - AROUND_S), _moment(at + AROUND_S)
    return f" --start-time {first} --end-time {last}" if first and last else ""


def until(at: float) -> str:
    """The part of a command that names all time up to a moment: CloudTrail looks 90 days back."""
    last = _moment(at + AROUND_S)
    return f" --end-time {last}" if last else ""


def trail(attribute: str, value: str, times: str, region: str | None = None) -> str:
    """The command that asks CloudTrail for management events, the latest first; `times` as above."""
    if not _SAFE.fullmatch(value):
        return f"CloudTrail's events with {attribute} {short(value)}"
    wanted = f"AttributeKey={attribute},AttributeValue={value}"
    return f"aws cloudtrail lookup-events --lookup-attributes {wanted}{times}{_there(region)}"


def calls(event_type: str, event_name: str, times: str, region: str | None = None) -> str:
    """How to find all calls of a kind."""
    if event_type.rpartition("::")[2].casefold() in _DATA_PLANES:
        return f"{short(event_name)} among the data events of the trail, where these are logged"
    return trail("EventName", event_name, times, region)


def deployed(function: str, region: str | None = None) -> str:
    """The command that tells when a function was deployed last, and as what."""
    return _of_function("get-function-configuration", function, region) or (
        f"the configuration of {short(function)}"
    )


def policy(function: str, region: str | None = None) -> str:
    """The command that tells who may invoke a function."""
    return _of_function("get-policy", function, region) or f"the resource policy of {short(function)}"


def mappings(function: str, region: str | None = None) -> str:
    """The command that lists the queues and streams that start a function."""
    return _of_function("list-event-source-mappings", function, region) or (
        f"the event source mappings of {short(function)}"
    )


def _of_function(command: str, function: str, region: str | None) -> str:
    return (
        f"aws lambda {command} --function-name {function}{_there(region)}"
        if _SAFE.fullmatch(function)
        else ""
    )


def _there(region: str | None) -> str:
    return f" --region {region}" if region and _SAFE.fullmatch(region) else ""


def _moment(seconds: float) -> str:
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
