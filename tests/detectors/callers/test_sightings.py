from __future__ import annotations

from typing import Any

import msgspec
import pytest

from coldtrail.detectors.callers.features import COUNTRY, HOUR, MANNER, NETWORK, TOOL, WHO, Sighting, Told
from coldtrail.detectors.callers.sightings import (
    is_done_to_function,
    is_invocation,
    of_access,
    of_call,
    of_invocation,
    of_run,
    refs_of,
)
from coldtrail.records.encounter import Run
from coldtrail.records.flow import NOBODY
from coldtrail.records.signal import Ref
from coldtrail.records.witnesses import Access, ApiCall
from coldtrail.testing import make_flow

PLACE: dict[str, Any] = {
    "source_ip": "p-a",
    "source_network": "p-n",
    "source_country": "DE",
    "user_agent": "Boto3",
}


def call(service: str = "Lambda", operation: str = "Invoke", **more: Any) -> ApiCall:
    return ApiCall("e", 0.0, "1", "r", service, operation, **more)


@pytest.mark.parametrize(
    ("more", "who"),
    [
        ({"role": "arn:r", "principal": "p-p"}, Told("role", "arn:r")),
        ({"principal": "p-p"}, Told("principal", "p-p")),
        (
            {"source_service": "states.amazonaws.com", "role": "arn:r"},
            Told("service", "states.amazonaws.com"),
        ),
        ({"invoked_by": "sns.amazonaws.com"}, Told("service", "sns.amazonaws.com")),
        ({}, None),
    ],
)
def test_who_starts_a_function(more: dict[str, Any], who: Told | None) -> None:
    assert of_invocation(0.0, call(**more), False).told[WHO] == who


def test_how_and_from_where() -> None:
    told = of_invocation(0.0, call(**PLACE, invocation_type="asynchronous"), False).told
    assert told[NETWORK:] == (
        Told("network", "p-n"),
        Told("country", "DE"),
        Told("user_agent", "Boto3"),
        Told("operation", "Invoke asynchronous"),
        Told("hour", "weekday 00:00 UTC"),
    )
    assert of_invocation(0.0, call(source_ip="p-a"), False).told[NETWORK] == Told("address", "p-a")


def test_the_place_of_a_function_that_calls_tells_nothing_while_it_says_that_it_is_one() -> None:
    claims = call(**PLACE, environment="AWS_Lambda_python3.11")
    assert (
        of_invocation(0.0, claims, True).told[NETWORK]
        is of_invocation(0.0, claims, True).told[COUNTRY]
        is None
    )
    assert of_invocation(0.0, claims, False).told[NETWORK] == Told("network", "p-n")
    assert of_invocation(0.0, call(**PLACE), True).told[NETWORK] == Told("network", "p-n")


def test_a_dry_run_and_other_calls_invoke_nothing() -> None:
    assert is_invocation(call())
    assert is_invocation(call(operation="InvokeAsync"))
    assert not is_invocation(call(dry_run=True))
    assert not is_invocation(call(operation="UpdateFunctionCode"))
    assert not is_invocation(call("Bedrock", "InvokeModel"))


def test_what_is_looked_at_is_not_done_to_a_function() -> None:
    assert is_done_to_function(call())
    assert is_done_to_function(call(operation="UpdateFunctionCode", read_only=False))
    assert not is_done_to_function(call(operation="GetFunction", read_only=True))
    assert not is_done_to_function(call("S3", "PutObject", read_only=False))


def test_what_a_principal_does() -> None:
    told = of_call(0.0, call("S3", "ListBuckets", **PLACE, console=True)).told
    assert told[MANNER] == Told("operation", "S3:ListBuckets")
    assert told[TOOL] == Told("user_agent", "console")


def test_a_request_at_a_gateway() -> None:
    access = Access(0.0, "g", "r", principal="p-p", source_ip="p-a", source_network="p-n", user_agent="curl")
    seen = of_access(0.0, access)
    assert seen.told[:4] == (
        Told("principal", "p-p"),
        Told("network", "p-n"),
        None,
        Told("user_agent", "curl"),
    )
    assert refs_of([seen.ref]) == (Ref("request", "r"),)
    assert refs_of([of_access(0.0, Access(0.0, None)).ref]) == ()


def test_what_started_a_run() -> None:
    def seen(**more: Any) -> Sighting | None:
        return of_run(0.0, Run(msgspec.structs.replace(make_flow([]), **more)))

    called = seen(caller="Orders", trigger="AWS::SQS orders")
    assert called is not None
    assert called.told[WHO] == Told("trigger", "Orders")
    assert called.told[HOUR] is None
    triggered = seen(trigger="AWS::SQS orders")
    assert triggered is not None
    assert triggered.told[WHO] == Told("trigger", "AWS::SQS orders")
    assert (
        seen(trigger=None, caller=None)
        is seen(trigger=NOBODY)
        is seen(trigger="x", upstream_lost=True)
        is None
    )
