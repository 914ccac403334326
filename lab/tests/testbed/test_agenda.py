import pytest

from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.cloud.agenda import Agenda

from .conftest import START


@pytest.fixture
def agenda(clock: VirtualClock) -> Agenda:
    return Agenda(clock)


def test_runs_in_virtual_order_and_ends_at_the_latest_end(agenda: Agenda, clock: VirtualClock) -> None:
    seen = []

    def activity(name: str, length: float) -> None:
        seen.append((name, clock.now() - START))
        clock.advance(length)

    def first() -> None:
        activity("first", 50)
        agenda.add(START + 3, lambda: activity("started by the first", 1))

    agenda.add(START + 2, lambda: activity("second", 5))
    agenda.add(START + 1, first)
    agenda.settle()
    assert seen == [("first", 1), ("second", 2), ("started by the first", 3)]
    assert clock.now() == START + 51


def test_equal_starts_run_in_the_order_of_insertion(agenda: Agenda) -> None:
    seen: list[int] = []
    for number in range(5):
        agenda.add(START, lambda number=number: seen.append(number))  # type: ignore[misc]
    agenda.settle()
    assert seen == [0, 1, 2, 3, 4]


def test_the_clock_may_go_back_to_an_activitys_start(agenda: Agenda, clock: VirtualClock) -> None:
    ends = []
    agenda.add(START + 1, lambda: ends.append(clock.advance(100) - START))
    agenda.add(START + 2, lambda: ends.append(clock.advance(1) - START))
    while agenda.run_next():
        pass
    assert ends == [101, 3]
    assert clock.now() == START + 3


def test_a_trace_is_pending_until_its_last_activity_has_run(agenda: Agenda) -> None:
    agenda.add(START + 1, lambda: agenda.add(START + 5, lambda: None, root="t"), root="t")
    agenda.add(START + 2, lambda: None)
    states = []
    while agenda.run_next():
        states.append(agenda.is_pending("t"))
    assert states == [True, True, False]


def test_a_failed_activity_is_no_longer_pending(agenda: Agenda) -> None:
    def fail() -> None:
        raise ValueError("no luck")

    agenda.add(START, fail, root="t")
    with pytest.raises(ValueError, match="no luck"):
        agenda.run_next()
    assert not agenda.is_pending("t")


def test_recurring_work_ends_with_everybody_elses(agenda: Agenda, clock: VirtualClock) -> None:
    seen: list[float] = []

    def wake() -> None:
        seen.append(clock.now() - START)
        # What a recurring activity starts, again and again, keeps nothing alive.
        agenda.add(clock.now() + 90, lambda: None, root="background")

    agenda.every(START + 60, 60, wake)
    agenda.add(START + 200, lambda: None)
    agenda.settle()
    assert seen == [60, 120, 180]
    assert not agenda.is_pending("background")
    assert not agenda.run_next()


def test_held_recurring_work_is_made_up_for(agenda: Agenda, clock: VirtualClock) -> None:
    seen: list[float] = []
    agenda.every(START + 60, 60, lambda: seen.append(clock.now() - START))
    agenda.settle()
    assert seen == []
    agenda.run_until(START + 130)
    assert seen == [60, 120]
    assert clock.now() == START + 130
