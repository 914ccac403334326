"""Functions that were invoked without a record of their own."""

from __future__ import annotations

from coldtrail.records.tally import Tally
from coldtrail.verbs.untraced import untraced


def test_each_function_is_told_with_who_invoked_it_and_what_to_turn_on() -> None:
    tally = Tally()
    for name, caller, times in (
        ("Charge", "machine", 1),
        ("Mail", "a", 2),
        ("Mail", "b", 1),
        ("Ship", None, 1),
    ):
        for _ in range(times):
            tally.miss(name, caller)
    assert untraced(tally, {"Ship"}) == [
        "Charge was invoked once by machine, without a record of its own: turn active tracing on for Charge.",
        "Mail was invoked 3 times by a, b, without a record of its own: turn active tracing on for Mail.",
    ]
    assert "once, without a record" in untraced(tally, set())[-1]


def test_of_very_many_functions_some_are_told() -> None:
    tally = Tally()
    for number in range(50):
        tally.miss(f"f{number:02}", None)
    told = untraced(tally, set())
    assert len(told) == 21
    assert told[-1].startswith("30 more functions")


def test_versions_of_a_function_are_one_function() -> None:
    tally = Tally()
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:Charge:7"
    for name in ("Charge", "Charge:live", arn):
        tally.miss(name, "a")
    assert untraced(tally, ()) == [
        "Charge was invoked 3 times by a, without a record of its own: turn active tracing on for Charge."
    ]
    assert untraced(tally, {"Charge"}) == []
