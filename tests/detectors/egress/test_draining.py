"""Drains are told once, with how much more than usual has gone, and where to."""

from __future__ import annotations

from coldtrail.detectors.egress.draining import MOST_DESTINATIONS, Draining
from coldtrail.detectors.egress.states import Meetings, Pool, Travels
from coldtrail.records.signal import Ref, Signal
from coldtrail.records.traits import Quantity
from tests.detectors.egress.days import PAY

DAY = 86_400.0


def told(sizes: list[float], calls: int = 24, pool: Pool | None = None) -> list[tuple[int, Signal]]:
    """Signals of days of calls of such a size to one bucket, and as many usual ones to another."""
    travels, draining, pool, found = Travels(PAY, Meetings()), Draining(0.03), pool or Pool(), []
    for day, size in enumerate(sizes):
        for call in range(calls):
            at = day * DAY + call * DAY / calls
            found += [(day, one) for one in draining.looks(travels, at, pool)]
            draining.took(travels, "sent", "loot", size, Ref("event", f"{day}-{call}"))
            draining.took(travels, "sent", "plain", 1_000.0, Ref("event", f"{day}-{call}-p"))
    return found


def test_a_drain_is_told_within_a_day_with_what_is_more_than_usual() -> None:
    ((day, signal),) = [one for one in told([1_000.0] * 10 + [3_000.0] * 2) if one[1].alone]
    assert (day, signal.alone, signal.indicators) == (10, True, (("target", "loot"),))
    seen, usual = signal.finding.seen, signal.finding.expected
    assert isinstance(seen, Quantity)
    assert isinstance(usual, Quantity)
    assert 8_192.0 <= seen.value - usual.value <= 24 * 2_000.0
    assert (seen.of, seen.period_s) == ("sent", DAY)
    assert signal.refs[-1].id.startswith("10-")


def test_a_small_drain_waits_until_it_is_sure_and_large_enough() -> None:
    found = told([1_000.0 + 40.0 * (day % 4) for day in range(12)] + [1_400.0] * 10)
    assert [one.alone for _, one in found][-1]
    first = found[0][1]
    assert first.since == 12 * DAY
    assert isinstance(first.finding.seen, Quantity)
    assert not told([100.0] * 10 + [200.0] * 3), "7,200 bytes of three days are little"
    assert told([100.0] * 10 + [200.0] * 8)


def test_a_few_large_calls_of_one_hour_are_no_drain() -> None:
    travels, draining, pool, found = Travels(PAY, Meetings()), Draining(0.03), Pool(), list[Signal]()
    for hour in range(24 * 12):
        at = hour * 3_600.0
        found += draining.looks(travels, at, pool)
        for call in range(6 if hour == 24 * 10 + 13 else 0):
            draining.took(travels, "received", "plain", 14_000.0, Ref("event", f"large-{call}"))
        draining.took(travels, "received", "plain", 500.0 + hour % 7, Ref("event", f"{hour}"))
    assert not [one for one in found if one.alone]


def test_it_is_told_again_when_it_was_over() -> None:
    days = [day for day, one in told([1e3] * 10 + [3e3] * 3 + [1e3] * 8 + [3e3] * 2) if one.alone]
    assert days == [10, 21]


def test_what_comes_often_elsewhere_is_weak() -> None:
    often = Pool(days=[10, *[0] * 13, *[40] * 26])
    assert [one.alone for _, one in told([1e3] * 10 + [3e3] * 2, pool=often)] == [False]


def test_names_that_flood_push_out_none_that_is_known() -> None:
    travels, draining, pool = Travels(PAY, Meetings()), Draining(0.03), Pool()
    for day in range(9):
        draining.looks(travels, day * DAY, pool)
        draining.took(travels, "sent", "known", 1_000.0, Ref("event", "e"))
    for number in range(1_000):
        draining.took(travels, "sent", f"made-up-{number}", 1_000.0, Ref("event", "e"))
    assert "known" in travels.drains["sent"]
    assert len(travels.drains["sent"]) == MOST_DESTINATIONS + 1


def test_a_clock_that_jumps_back_does_no_harm() -> None:
    travels, draining, pool = Travels(PAY, Meetings()), Draining(0.03), Pool()
    for at in (0.0, 900 * DAY, DAY, 2 * DAY, 3 * DAY):
        assert not draining.looks(travels, at, pool)
        draining.took(travels, "sent", "known", 1_000.0, Ref("event", "e"))
