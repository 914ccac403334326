"""Whose run a segment tells of."""

from typing import Any

import pytest

from coldtrail.formats.xray.functions import Function, Functions
from tests.fixtures.telemetry import ACCOUNT, REGION, arn_of
from tests.formats.xray_parts import FUNCTION, parse, segment, step


@pytest.mark.parametrize(
    ("qualifier", "version"), [("7", "7"), ("live", None), ("$LATEST", None), ("7:8", None), ("٣", None)]
)
def test_only_a_published_version_is_one(qualifier: str, version: str | None) -> None:
    (span,) = parse(segment(aws={"function_arn": f"{arn_of(FUNCTION)}:{qualifier}"})).spans
    assert (span.function_name, span.version) == (FUNCTION, version)


def test_without_an_arn_the_name_counts() -> None:
    (span,) = parse(segment(aws={"account_id": ACCOUNT})).spans
    assert (span.function_name, span.account, span.region) == (FUNCTION, ACCOUNT, None)


def test_a_function_is_worked_out_once_and_within_bounds() -> None:
    functions = Functions(20)
    assert functions.named(arn_of("pay"), None, "other") == Function("pay", ACCOUNT, REGION, None, "other")
    assert functions.named(arn_of("pay"), None, "other") is functions.named(arn_of("pay"), None, "other")
    assert len(functions.named(None, "1" * 99, "x" * 99).name) == 20
    for number in range(60_000):
        functions.named(None, None, f"f{number}")
    assert len(functions._known) <= 50_000


INVOKED = "arn:aws:lambda:eu-west-1:111122223333:function:Orders:7"


@pytest.mark.parametrize(
    "places",
    [
        {"aws": {"function_arn": INVOKED}},
        {"aws": {"function_arn": INVOKED.removesuffix(":7"), "function_version": 7}},
        {"aws": {"function_arn": INVOKED.removesuffix(":7"), "function_version": "7"}},
        {"aws": None, "resource_arn": INVOKED},
        {"aws": {"resource_arn": INVOKED}},
        {"aws": {"resource_names": ["Orders", INVOKED]}},
        {"aws": {"account_id": 111122223333, "region": "eu-west-1", "function_version": 7.0}},
        {"aws": {"account_id": 1.11122223333e11, "region": "eu-west-1", "function_version": "7"}},
        {"aws": None, "subsegments": [step(name="Invocation", aws={"function_arn": INVOKED})]},
    ],
)
@pytest.mark.parametrize("damage", [{}, {"user": 7, "fault": "no"}])
def test_account_region_and_version_come_from_every_place_that_states_them(
    places: dict[str, Any], damage: dict[str, Any]
) -> None:
    (span,) = parse(segment(**{"name": "Orders", **places, **damage})).spans
    told = span.function_name, span.account, span.region, span.version
    assert told == ("Orders", "111122223333", "eu-west-1", "7")


def test_a_number_has_lost_the_zeros_that_an_account_begins_with() -> None:
    (span,) = parse(segment(aws={"account_id": 1222333444})).spans
    assert span.account == "001222333444"


@pytest.mark.parametrize("told", [True, -1, 1.5, 1e300, "", None])
def test_what_is_no_account_is_none(told: object) -> None:
    (span,) = parse(segment(aws={"account_id": told})).spans
    assert span.account in (None, "")
