"""Commands that a responder can run, as values. They only read.

Names in telemetry may come from an attacker: they stand here as slots, and `showing/shell.py` decides whether
they enter the command.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from math import isfinite

from coldtrail.alerts.showing.kinds import kind_of
from coldtrail.features.fitness import is_traced
from coldtrail.records.flow import Flow
from coldtrail.records.next_step import Command, Slot

AROUND_S = 900.0
"""How far before and after a moment CloudTrail is asked: its events come up to a quarter of an hour apart."""
_DATA_PLANES = frozenset(("s3", "dynamodb", "lambda", "sns", "sqs"))
"""Services whose calls are mostly data events, which CloudTrail's event history leaves out."""
_BARE_ID = re.compile(r"[0-9a-f]{32}")
_OF_ACCOUNT = re.compile(r"[0-9]{12}:(?=[^:])")
"""Stands before a resource of another account (`assembly/masking.py`), and is no part of its name."""

_IN_SQL = str.maketrans({"T": " ", "Z": ""})
"""Makes a moment one of CloudTrail Lake, which knows no other time zone than UTC."""

Times = tuple[str, ...]


def show_trace(trace_id: str, region: str | None = None) -> Command:
    """The command that fetches a trace from X-Ray."""
    return _aws("xray", "batch-get-traces", "--trace-ids", Slot("trace", xray_id(trace_id)), region=region)


def show_run(flow: Flow, event_id: str | None) -> Command:
    """The command that shows a run: its trace, or where no trace tells of it, what its function logged of the
    request, or the record of the call `event_id`, else of its first one.

    The event history has no data events: of those, what the session did is asked for in CloudTrail Lake.
    """
    if is_of_trace(flow):
        return show_trace(flow.application_flow_id, flow.region)
    if flow.request_id is not None:
        return logged(flow.function_name, flow.request_id, flow.start_time, flow.end_time, flow.region)
    events = sorted(flow.events, key=lambda one: one.event_id != event_id)
    if not events:
        return session(flow.function_name, around(flow.start_time), flow.region)
    event = events[0]
    if is_of_data_plane(event.event_type):
        return recorded(flow.function_name, flow.start_time, flow.end_time, flow.region)
    return _trail("EventId", "event", event.event_id, (), flow.region)


def is_of_trace(flow: Flow) -> bool:
    """Whether the flow's application flow is a trace; where no trace is known it is the run itself."""
    return flow.application_flow_id != flow.function_flow_id or not flow.witnesses or is_traced(flow)


def logged(function: str, request_id: str, start: float, end: float, region: str | None = None) -> Command:
    """The command that shows what a function logged of a request."""
    group = Slot("log_group", f"/aws/lambda/{function}")
    pattern = ("--filter-pattern", Slot("request", request_id, '"', '"'))
    return _aws(
        "logs",
        "filter-log-events",
        "--log-group-name",
        group,
        *pattern,
        *_millis("--start-time", start - AROUND_S),
        *_millis("--end-time", end + AROUND_S),
        region=region,
    )


def recorded(function: str, start: float, end: float, region: str | None = None) -> Command:
    """The command that asks CloudTrail Lake, which may hold data events, what a function's role did."""
    first, last = (_moment(time).translate(_IN_SQL) for time in (start - AROUND_S, end + AROUND_S))
    when = f" AND eventTime BETWEEN '{first}' AND '{last}'" if first and last else ""
    asked = "SELECT * FROM EVENT_DATA_STORE_ID WHERE userIdentity.arn LIKE '%/"
    wanted = Slot("function", function, asked, f"'{when}")
    return _aws("cloudtrail", "start-query", "--query-statement", wanted, region=region)


def is_of_data_plane(event_type: str) -> bool:
    """Whether calls of a service are mostly data events, which the event history leaves out."""
    return event_type.rpartition("::")[2].casefold() in _DATA_PLANES


def xray_id(trace_id: str) -> str:
    """A trace id of 32 hexadecimal digits as X-Ray writes it; any other as it is."""
    return f"1-{trace_id[:8]}-{trace_id[8:]}" if _BARE_ID.fullmatch(trace_id) else trace_id


def around(at: float) -> Times:
    """The arguments that name the minutes around a moment; none where it is no moment."""
    first, last = _moment(at - AROUND_S), _moment(at + AROUND_S)
    return ("--start-time", first, "--end-time", last) if first and last else ()


def until(at: float) -> Times:
    """The arguments that name all time up to a moment: CloudTrail looks 90 days back."""
    last = _moment(at + AROUND_S)
    return ("--end-time", last) if last else ()


def of_resource(event_type: str, target: str | None, times: Times, region: str | None = None) -> Command:
    """The command that asks CloudTrail for management events about a resource, the latest first."""
    name = None if target is None else _OF_ACCOUNT.sub("", target, count=1)
    return _trail("ResourceName", kind_of(event_type), name, times, region)


def of_function(function: str, times: Times, region: str | None = None) -> Command:
    """The command that asks CloudTrail for management events about a function."""
    return _trail("ResourceName", "function", function, times, region)


def session(function: str, times: Times, region: str | None = None) -> Command:
    """The command that asks CloudTrail what a function's role did: its sessions bear the function's name."""
    return _trail("Username", "function", function, times, region)


def calls(event_type: str, event_name: str, times: Times, region: str | None = None) -> Command | None:
    """The command that finds all calls of a kind; None where the event history leaves them out."""
    if is_of_data_plane(event_type):
        return None
    return _trail("EventName", "call", event_name, times, region)


def deployed(function: str, region: str | None = None) -> Command:
    """The command that tells when a function was deployed last, and as what."""
    return _of_function("get-function-configuration", function, region)


def policy(function: str, region: str | None = None) -> Command:
    """The command that tells who may invoke a function."""
    return _of_function("get-policy", function, region)


def mappings(function: str, region: str | None = None) -> Command:
    """The command that lists the queues and streams that start a function."""
    return _of_function("list-event-source-mappings", function, region)


def _of_function(verb: str, function: str, region: str | None) -> Command:
    return _aws("lambda", verb, "--function-name", Slot("function", function), region=region)


def _trail(attribute: str, kind: str, name: str | None, times: Times, region: str | None) -> Command:
    wanted = Slot(kind, name, f"AttributeKey={attribute},AttributeValue=")
    return _aws("cloudtrail", "lookup-events", "--lookup-attributes", wanted, *times, region=region)


def _aws(*argv: str | Slot, region: str | None) -> Command:
    where = ("--region", Slot("region", region)) if region else ()
    return Command(("aws", *argv, *where))


def _millis(option: str, seconds: float) -> Times:
    return (option, str(round(1000 * seconds))) if isfinite(seconds) else ()


def _moment(seconds: float) -> str:
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
