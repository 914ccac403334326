"""Whose run a segment tells of."""

import pytest

from coldtrail.formats.xray.functions import Function, Functions
from tests.fixtures.telemetry import ACCOUNT, REGION, arn_of
from tests.formats.xray_parts import FUNCTION, parse, segment


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
