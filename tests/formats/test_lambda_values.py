import pytest

from coldtrail.formats.lambda_values import (
    error_type_of,
    instance_of,
    seconds_of,
    status_of,
    trace_of,
    trace_time,
)
from tests.fixtures.witnesses import TRACE_ID


@pytest.mark.parametrize(
    "value",
    [
        TRACE_ID,
        f"Root={TRACE_ID};Sampled=1",
        f"Self=1;Root={TRACE_ID}",
        f"Root={TRACE_ID}",
        f"Root={TRACE_ID};Parent=0123456789abcdef;Sampled=0",
    ],
)
def test_the_trace_in_a_header(value: str) -> None:
    assert trace_of(value) == TRACE_ID


@pytest.mark.parametrize("value", [None, "", "Root=", f"{TRACE_ID}00", "1-5f-7"])
def test_what_is_no_trace(value: str | None) -> None:
    assert trace_of(value) is None


def test_a_trace_id_tells_when_it_began() -> None:
    assert trace_time("1-6b0d9fc0-000000000000000000000000") == 0x6B0D9FC0
    assert trace_time("1-00000000-000000000000000000000000") is None


@pytest.mark.parametrize(("number", "unit", "seconds"), [(5, "ms", 0.005), (5, "s", 5.0), (1e15, "s", None)])
def test_durations(number: float, unit: str, seconds: float | None) -> None:
    assert seconds_of(number, unit) == seconds


def test_words() -> None:
    assert (status_of("Success"), status_of("it failed")) == ("success", None)
    assert (error_type_of("Runtime.ExitError"), error_type_of("my secret")) == ("Runtime.ExitError", None)


def test_a_token_is_no_type_of_an_error() -> None:
    assert error_type_of("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln") is None


def test_instances_are_told_as_they_are_or_not_at_all() -> None:
    assert instance_of("0af1b2c3d4e5f607") == "0af1b2c3d4e5f607"
    assert {
        instance_of(one) for one in ("4111111111111111", "4111-1111-1111-1111", "alice@company.com", "", None)
    } == {None}
