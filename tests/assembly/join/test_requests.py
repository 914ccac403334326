"""Calls of the audit log whose request a trace names as well: each is the step that made it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np
from msgspec.structs import replace

from coldtrail.assembly.join.joining import Joining
from coldtrail.assembly.join.requests import Requests, step_key
from coldtrail.assembly.join.rows import key_of
from coldtrail.config import Settings
from coldtrail.features.lean import whole
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Observations, Span
from coldtrail.records.witnesses import ApiCall
from tests.assembly.join.told import START, call, flow

FIRST, SECOND = flow(0), flow(1, start=START + 0.01)
"""Two runs of one function at a time, each with the same calls."""


def puts(one: Flow) -> str:
    """The step of a run that puts an object."""
    return next(event.event_id for event in one.events if event.event_name == "PutObject")


def put(request_id: str, written: int) -> ApiCall:
    return replace(call(f"e-{request_id}", START), request_id=request_id, bytes_in=written, access_key=None)


def told(*requests: str) -> Observations:
    """What the document of both runs says of requests."""
    span = Span("trace-0", "f0", steps=FIRST.events)
    return Observations([span], requests=[*requests])


BOTH = told(puts(FIRST), "q0", puts(SECOND), "q1")


def written(
    requests: Sequence[Observations], calls: Sequence[ApiCall], again: bool = False
) -> list[int | None]:
    """How many bytes each run wrote, by the calls that were joined to it."""
    joining = Joining(Settings(), Tally(), expecting=True)
    for one in requests:
        joining.requests.take(one)
    joining.push([*calls, FIRST, SECOND])
    if again:
        state, joining = joining.snapshot(), Joining(Settings(), Tally())
        joining.restore(state)
    flows = [whole(one) for one in joining.advance(float("inf"))]
    return [None if one.facts is None else one.facts.bytes_in for one in flows]


def test_a_call_is_the_step_that_made_its_request() -> None:
    for calls in permutations([put("q0", 100), put("q1", 1)]):
        assert written([BOTH], calls) == [100, 1]
        assert written([BOTH], calls, again=True) == [100, 1]
    assert written([BOTH], [put("q1", 1)]) == [None, 1]
    assert written([], [put("q1", 1)]) == [1, None]


def test_a_request_of_no_step_goes_by_time() -> None:
    assert written([BOTH], [put("q9", 7)]) == [7, None]


def test_a_request_that_several_steps_claim_goes_by_time() -> None:
    claimed = told(puts(FIRST), "q1")
    assert written([BOTH, claimed], [put("q1", 1)]) == [1, None]
    assert written([BOTH, BOTH], [put("q1", 1)]) == [None, 1]


def test_attempts_before_the_last_one_go_by_time() -> None:
    assert written([BOTH], [put("q1", 1), put("retried", 5)]) == [5, 1]


def test_a_step_that_does_otherwise_hides_no_call() -> None:
    stolen = replace(put("q1", 1), target="loot")
    joining = Joining(Settings(), Tally(), expecting=True)
    joining.requests.take(BOTH)
    joining.push([FIRST, SECOND, stolen])
    unseen = [call for one in joining.advance(float("inf")) if one.facts for call in one.facts.unseen]
    assert [call.target for call in unseen] == ["loot"]


def test_a_step_at_another_time_is_not_believed() -> None:
    late = replace(put("q1", 1), time=START + 600.0)
    joining = Joining(Settings(), Tally(), expecting=True)
    joining.requests.take(BOTH)
    joining.push([late, FIRST, SECOND, flow(2, start=START + 600.0)])
    assert [one.function_flow_id for one in joining.advance(float("inf")) if one.facts] == [f"f{2:015x}"]


def test_what_is_old_is_forgotten() -> None:
    requests = Requests()
    requests.take(BOTH)
    assert len(requests) == 2
    requests.forget(START - 1.0)
    assert requests.steps(np.array([key_of("q1"), key_of("q2"), 0], np.uint64)) == [
        step_key(puts(SECOND)),
        0,
        0,
    ]
    requests.forget(START + 10.0)
    assert len(requests) == 0
    assert requests.steps(np.array([key_of("q1")], np.uint64)) == [0]
    requests.take(Observations(requests=["a", "b"]))
    assert len(requests) == 0


def test_any_id_of_a_step_has_a_key() -> None:
    assert step_key("00000000000000ff") == 255
    assert step_key("0" * 16) == 1
    assert step_key("not a number 016") == key_of("not a number 016")
    assert step_key("step") == key_of("step")
