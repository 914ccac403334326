"""What telemetry tells beside functions' own runs."""

from __future__ import annotations

from typing import Any

import pytest

from coldtrail.records.columns import WholeTrace
from coldtrail.records.telemetry import Link, Observations, Span
from coldtrail.records.witnesses import Access, ApiCall, Change, Metric, Network, Report
from coldtrail.verbs.coverage.beside import MOST_NAMES, OTHERS, Gathering

ACCOUNT, REGION = "111122223333", "eu-west-1"


def call(service: str, operation: str, **more: Any) -> ApiCall:
    return ApiCall("e", 10.0, ACCOUNT, REGION, service, operation, **more)


def change(name: str, operation: str, time: float = 10.0, **more: Any) -> Change:
    return Change("e", time, ACCOUNT, REGION, name, operation, **more)


def names(gathering: Gathering) -> list[tuple[str, ...]]:
    return [tuple(one[:3]) for one in gathering.functions()]


def test_calls_and_changes_are_counted_by_what_they_are_about() -> None:
    gathering = Gathering()
    gathering.take(
        Observations(calls=(call("S3", "GetObject"), call("IAM", "GetRole"), call("S3", "GetObject")))
    )
    changes = (change("Charge", "UpdateFunctionCode"), change("Charge:7", "UpdateFunctionCode"))
    gathering.take(Observations(changes=changes))
    found = gathering.found(())
    assert list(found.calls.items()) == [("S3", {"GetObject": 2}), ("IAM", {"GetRole": 1})]
    assert found.changes == {"Charge": {"UpdateFunctionCode": 2}}
    assert gathering.places == ({ACCOUNT}, {REGION})


def test_all_other_records_are_counted_by_their_kind() -> None:
    gathering = Gathering()
    gathering.take(
        Observations(
            reports=(Report(1.0, "r", ""), Report(1.0, None, "Order", kind="init")),
            accesses=(Access(1.0, "r"),),
            networks=(Network(1.0, 2.0), Network(1.0, 2.0, domain="a.example")),
            metrics=(Metric(1.0, 60.0, "Order"),),
        )
    )
    found = gathering.found(())
    assert (found.reports, found.instance_reports, found.nameless_reports) == (1, 1, 1)
    assert (found.accesses, found.traffic, found.lookups, found.metrics) == (1, 1, 1, 1)


def test_functions_that_are_changed_or_invoked_are_named_unless_they_are_gone() -> None:
    gathering = Gathering()
    gathering.take(
        Observations(
            calls=(
                call("Lambda", "Invoke", target="Ship:live", request_id="r"),
                call("Lambda", "Invoke", target="Secret", request_id="r", error_code="AccessDenied"),
            ),
            changes=(
                change("Old", "UpdateFunctionCode"),
                change("Old", "DeleteFunction", 20.0),
                change("New", "DeleteFunction", 5.0),
                change("New", "CreateFunction"),
                change("Denied", "UpdateFunctionCode", error_code="AccessDenied"),
                change("a-layer", "PublishLayerVersion", family="layers"),
            ),
        )
    )
    assert names(gathering) == [(ACCOUNT, REGION, "Ship"), (ACCOUNT, REGION, "New")]


def test_refused_invocations_are_told_by_function_reason_and_caller() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/charge-role"
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:Pay:live"
    person = {"principal_kind": "IAMUser", "principal": "p-eve"}
    gathering = Gathering()
    gathering.take(
        Observations(
            calls=(
                call("Lambda", "Invoke", target=arn, error_code="AccessDenied", **person),
                call("Lambda", "Invoke", target="Pay", error_code="TooManyRequestsException", role=role),
                call("Lambda", "InvokeAsync", target="Pay", error_code="TooManyRequestsException", role=role),
                call("Lambda", "Invoke", target="Pay", request_id="r", dry_run=True, invoked_by="s3"),
                call("Lambda", "Invoke", error_code="ResourceNotFoundException"),
                call("Lambda", "GetFunction", target="Pay", error_code="AccessDenied"),
            )
        )
    )
    assert gathering.found(()).refused == {
        "Pay": {
            "TooManyRequestsException for charge-role": 2,
            "AccessDenied for IAMUser p-eve": 1,
            "DryRun for s3": 1,
        },
        OTHERS: {"ResourceNotFoundException for somebody": 1},
    }
    assert names(gathering) == []


def test_traces_without_a_run_are_told_by_what_they_begin_with() -> None:
    machine = Link("t1", "a", None, "source", "AWS::StepFunctions::StateMachine", "Pay")
    hop = Link("t1", "b", "a", "hop", "subsegment", "S3")
    gathering = Gathering()
    gathering.take(Observations(spans=[Span("t1", None)], links=[hop, machine, hop]))
    gathering.take(WholeTrace("t2", (), (Link("t2", "b", "a", "hop", "x", "S3"),)))
    gathering.take(
        Observations(
            spans=[Span("t3", "s", function_name="Order")], links=[Link("t3", "b", None, "hop", "x", "y")]
        )
    )
    assert gathering.found({"t2"}).traces == {"AWS::StepFunctions::StateMachine Pay": 1}
    assert gathering.found(()).traces == {"AWS::StepFunctions::StateMachine Pay": 1, "x S3": 1}


def test_a_trace_that_two_formats_tell_of_is_one() -> None:
    """X-Ray and OpenTelemetry spell the id of one trace in two ways."""
    gathering = Gathering()
    gathering.take(Observations(links=[Link("5f84c7a1" + "0" * 24, "a", None, "source", "x", "y")]))
    assert gathering.found({f"1-5f84c7a1-{'0' * 24}"}).traces == {}
    gathering.take(Observations(links=[Link(f"1-5f84c7a1-{'0' * 24}", "a", None, "source", "x", "y")]))
    assert gathering.found(()).traces == {"x y": 1}


def test_a_span_that_is_told_again_when_it_ends_is_one_span() -> None:
    begun, ended = (Link("t", "a", None, "source", "x", "y", 10.0, end) for end in (None, 12.0))
    gathering = Gathering()
    gathering.take(Observations(links=[begun]))
    gathering.take(Observations(links=[ended, Link("t", "b", "a", "hop", "x", "S3", 11.0, 11.5)]))
    found = gathering.found(())
    assert (found.spans, found.span_records) == (2, 3)
    assert gathering.span(()) == (10.0, 12.0)
    assert gathering.found({"t"}).spans == 0
    assert gathering.span({"t"}) == (float("inf"), float("-inf"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("arn:aws:lambda:eu-west-1:111122223333:function:Pay:7", "Pay"),
        ("arn:aws:states:eu-west-1:111122223333:stateMachine:Pay", "Pay"),
        ("arn:aws:sqs:eu-west-1:111122223333:jobs", "jobs"),
        ("payments/Prod", "payments/Prod"),
    ],
)
def test_what_traces_begin_with_is_told_by_its_short_name(name: str, shown: str) -> None:
    gathering = Gathering()
    gathering.take(Observations(links=[Link("t", "a", None, "source", "x", name)]))
    assert gathering.found(()).traces == {f"x {shown}": 1}


def test_functions_that_only_reports_without_a_time_name_are_named() -> None:
    gathering = Gathering()
    gathering.take(Observations(reports=(Report(None, "r", "Pay", account=ACCOUNT, region=REGION),)))
    assert names(gathering) == [(ACCOUNT, REGION, "Pay")]


def test_memory_is_bounded() -> None:
    gathering = Gathering()
    for number in range(MOST_NAMES + 5):
        gathering.take(Observations(calls=(call(f"s{number}", "a"),), changes=(change(f"f{number}", "a"),)))
    found = gathering.found(())
    assert len(found.calls) == len(found.changes) == MOST_NAMES + 1
    assert found.calls[OTHERS] == {"a": 5}
    assert len(names(gathering)) == MOST_NAMES
