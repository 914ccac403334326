from coldtrail_testbed.clock import VirtualClock
from coldtrail_testbed.cloud.agenda import Agenda

from .conftest import START


def test_runs_in_virtual_order_and_ends_at_the_latest_end(clock: VirtualClock) -> None:
    agenda, seen = Agenda(clock), []

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
