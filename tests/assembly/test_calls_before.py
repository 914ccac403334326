"""Calls of the audit log that an earlier part of the input told."""

from __future__ import annotations

import pytest

from coldtrail.assembly.assembling import Assembling
from coldtrail.assembly.calls_before import CallsBefore
from coldtrail.config import Settings
from coldtrail.records.columns import AnyFlow
from coldtrail.records.stage import State
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Observations
from coldtrail.records.witnesses import Access, ApiCall

NOON = 1_796_040_000.0
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:pay"


def call(number: int, digest: str = "whole") -> ApiCall:
    return ApiCall(
        f"event-{number}",
        NOON + 600 * number,
        "111122223333",
        "eu-west-1",
        "dynamodb",
        "PutItem",
        digest,
        role="arn:aws:iam::111122223333:role/pay",
        session_function="pay",
        credentials_of=FUNCTION,
    )


def test_only_what_an_earlier_part_told_is_told_again() -> None:
    first, second = CallsBefore(), CallsBefore()
    assert not any(first.told(one) for one in (call(1), call(1), call(2)))
    second.restore(first.state())
    assert [second.told(one) for one in (call(1), call(2), call(3), call(3))] == [True, True, False, False]
    assert not second.told(call(1, "other")), "another record under the same id"
    assert not second.told(Access("request", NOON))
    third = CallsBefore()
    third.restore(second.state())
    assert third.told(call(1))
    assert third.told(call(3))
    third.restore({})


def parsed(document: Document) -> Observations:
    """A call of a function, by its number."""
    return Observations(calls=(call(int(document.payload)),))


@pytest.mark.parametrize("again", [[0, 1, 2, 3], [1]])
def test_a_part_given_twice_makes_no_run_again(again: list[int]) -> None:
    state: State = {}
    given: list[AnyFlow] = []
    for part in ([0, 1, 2, 3], [4, 5, 6, 7], again):
        tally = Tally()
        stage = Assembling(parsed, Settings(), tally)
        if state:
            stage.restore(state)
        stage.push([Document(str(one).encode(), "in", f"line {one}") for one in part])
        given += stage.advance(stage.now)
        state = stage.snapshot()
    assert tally.counts["calls told again"] == tally.counts["calls read"] == len(again)
    given += stage.drain()
    assert len({one.start_time for one in given}) == len(given) == 8
