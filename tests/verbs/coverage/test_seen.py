"""What flows show of a function."""

from __future__ import annotations

import pytest

from coldtrail.records.facts import Facts, UnseenCall
from coldtrail.records.flow import NOBODY, Event, Flow
from coldtrail.testing import make_flow
from coldtrail.verbs.coverage import seen as module
from coldtrail.verbs.coverage.seen import OTHERS, UNKNOWN, Seen, is_traced
from tests.verbs.telemetry_files import GET, USUAL

UNSEEN = UnseenCall("S3", "GetObject", "loot", 1.0)


def seen(*flows: Flow) -> Seen:
    made = Seen()
    for flow in flows:
        made.add(flow)
    return made


def test_traced_is_what_any_trace_tells_of() -> None:
    assert is_traced(make_flow(USUAL))
    assert is_traced(make_flow(USUAL, witnesses=("cloudtrail", "xray")))
    assert not is_traced(make_flow(USUAL, witnesses=("cloudtrail", "lambda-report")))


def test_each_format_counts_the_flows_that_it_tells_of() -> None:
    made = seen(
        make_flow(USUAL, witnesses=("lambda-report", "xray")),
        make_flow(USUAL, witnesses=("lambda-report",), complete=False, request_id="r"),
        make_flow(USUAL, witnesses=("cloudtrail",), complete=False),
    )
    assert made.formats == {"lambda-report": 2, "xray": 1, "cloudtrail": 1}
    assert (made.flows, made.traced, made.counted, made.reported) == (3, 1, 2, 2)
    assert made.open == 0


def test_steps_of_traces_alone_count_as_calls() -> None:
    made = seen(make_flow(USUAL), make_flow(USUAL, witnesses=("cloudtrail",)))
    assert (made.calls, made.abroad, made.misplaced) == (3, 0, 0)
    assert seen(make_flow([("GET", "remote", "a.example", 0.1)])).abroad == 1
    assert seen(make_flow([("SELECT", "PostgreSQL", "shop@db", 0.1)])).abroad == 1


@pytest.mark.parametrize(
    ("fields", "caller"),
    [
        ({"caller": "shop/prod"}, "shop/prod"),
        ({"caller": None, "trigger": "AWS::SNS Topic"}, "AWS::SNS Topic"),
        ({"caller": None, "trigger": None}, NOBODY),
        ({"caller": None, "trigger": None, "upstream_lost": True}, UNKNOWN),
        ({"caller": None, "upstream_lost": True, "facts": Facts(gateway="api/prod")}, "api/prod"),
    ],
)
def test_callers_are_told_by_whoever_knows(fields: dict[str, object], caller: str) -> None:
    made = seen(make_flow([GET], **fields))
    assert made.callers == {caller: 1}
    assert made.callers_lost == (caller == UNKNOWN)


def test_calls_that_only_the_audit_log_shows_are_kept_by_their_names() -> None:
    facts = Facts(unseen=(UNSEEN, UNSEEN))
    assert seen(make_flow([GET], facts=facts)).unseen == {"GetObject of S3": 2}


def test_steps_outside_their_run_are_counted_but_for_those_of_the_platform() -> None:
    flow = make_flow([GET])
    late = Event("late", flow.end_time + 1.0, flow.end_time + 2.0, "PutItem", "DynamoDB")
    start = Event("start", flow.start_time - 1.0, flow.start_time, "Initialization", "lifecycle")
    moved = Flow(**{name: getattr(flow, name) for name in flow.__struct_fields__} | {"events": (late, start)})
    assert seen(moved).misplaced == 1


def test_only_so_many_callers_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NAMES", 2)
    made = seen(*(make_flow([GET], caller=f"c{number % 5}") for number in range(10)))
    assert made.callers == {"c0": 2, "c1": 2, OTHERS: 6}
