"""Demand on what the testbed recorded: a sale and an attack on one function, through the parser and all."""

from __future__ import annotations

import pytest

from benchmarks.azure import recorded
from coldtrail.records.stage import State


@pytest.fixture(scope="module")
def known() -> State:
    return recorded.learned()


def test_a_sale_is_told_of_the_application_and_of_no_function_that_it_calls(known: State) -> None:
    told = recorded.told(known, recorded.sale(3), 3)
    names = {one.finding.subject.function_name for one in told}
    assert not names & set(recorded.CHILDREN)
    (whole,) = [one for one in told if one.finding.subject.kind == "application"]
    assert {key.function for key in whole.functions} > {recorded.ENTRY, "ReserveBooking", "CollectPayment"}


@pytest.mark.parametrize("name", recorded.CHILDREN)
def test_who_starts_one_of_them_himself_is_told_by_what_its_caller_asked_for(known: State, name: str) -> None:
    told = recorded.told(known, recorded.attack(name, 3), 3)
    assert [(one.finding.kind, one.finding.subject.function_name) for one in told] == [("demand", name)]
    (one,) = told
    assert one.finding.step is not None
    assert one.finding.step.target == ("NotifyBooking" if name == "IngestLoyalty" else recorded.ENTRY)


def test_what_was_recorded_tells_nothing(known: State) -> None:
    assert recorded.told(known, [], 3) == []
