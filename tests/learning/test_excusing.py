"""What exceptions excuse is told where it is much."""

from __future__ import annotations

import pytest

from coldtrail.learning.excusing import exceptions_of, excused_many, excusing_much
from coldtrail.records.finding import FindingKey
from coldtrail.records.identity import FunctionKey
from coldtrail.verdicts.feedback import Accepted, AcceptedShift, Feedback


def key(name: str) -> FunctionKey:
    return FunctionKey("1", "eu", "shop", name)


def cause(function: str, target: str = "x") -> FindingKey:
    return FindingKey(*key(function), "new_resource", "PutObject", "S3", target)


def accepting(*functions: str) -> Feedback:
    return Feedback(tuple(Accepted(cause(one)) for one in functions))


KNOWN = [key(name) for name in "abcdefgh"]


def test_all_that_people_accepted_counts() -> None:
    shift = AcceptedShift(*key("c"), 0.0, {"duration": (1.0, 2.0, 0), "own time": (1.0, 2.0, 0)})
    feedback = Feedback(
        (Accepted(cause("a")), Accepted(cause("a", "y"))), shifts=(shift,), usual=(cause("b"),)
    )
    assert exceptions_of(feedback) == {key("a"): 2, key("b"): 1, key("c"): 2}
    assert exceptions_of(Feedback()) == {}


@pytest.mark.parametrize(("functions", "told"), [("abc", False), ("abcd", True), ("abcdefgh", True)])
def test_exceptions_in_half_of_the_functions_are_told(functions: str, told: bool) -> None:
    said = excusing_much(accepting(*functions), KNOWN)
    assert len(said) == told
    if told:
        assert f"in {len(functions)} of 8 functions" in said[0]


def test_of_two_functions_both_may_have_some() -> None:
    assert excusing_much(accepting("a", "b"), KNOWN[:2]) == ()


def test_many_exceptions_of_one_function_are_told() -> None:
    many = Feedback(tuple(Accepted(cause("a", f"t{number}")) for number in range(30)))
    (said,) = excusing_much(many, KNOWN)
    assert said.startswith("30 exceptions excuse nearly all that a might do. ")
    assert excusing_much(Feedback(many.accepted[1:]), KNOWN) == ()


@pytest.mark.parametrize(("excused", "flows", "told"), [(9, 9, False), (10, 200, True), (10, 201, False)])
def test_flows_that_only_exceptions_keep_from_alarming_are_told(excused: int, flows: int, told: bool) -> None:
    assert bool(excused_many(excused, flows)) == told
    assert excused_many(0, 0) == ()
