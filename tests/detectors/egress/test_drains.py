"""Days of bytes, each against days before."""

from __future__ import annotations

from collections.abc import Iterable

from coldtrail.detectors.egress import drains
from coldtrail.detectors.egress.states import Drain, Pool
from coldtrail.records.signal import Ref

USUAL = [(1_000.0 * (1.0 + 0.03 * (day % 3)), 20, 0) for day in range(12)]


def after(
    days: Iterable[tuple[float, int, int]], released: int = -1, drain: Drain | None = None
) -> tuple[Drain, list[float]]:
    """What is held after days of so many calls of a size and so many runs, and the evidence at each day's
    last look."""
    drain, pool, found = drain or Drain(), Pool(), list[float]()
    for day, (size, calls, runs) in enumerate(days):
        for call in range(calls):
            drains.took(drain, size, Ref("event", f"{day}-{call}"))
        found.append(max(drains.looked(drain, look, runs, pool, released) for look in range(drains.LOOKS)))
        drains.day_ended(drain, day, pool, is_whole=True)
    return drain, found


def test_nothing_is_said_before_five_days_and_nothing_of_usual_ones() -> None:
    _, found = after(USUAL)
    assert [one == 0.0 for one in found] == [day < drains.READY_DAYS for day in range(12)]
    assert max(found) < drains.SUSPECT


def test_calls_that_each_carry_more_are_a_drain_however_many_there_are() -> None:
    for calls in (5, 20, 200):
        _, found = after([*USUAL, *[(1_600.0, calls, 0)] * 2])
        assert max(found[12:]) >= drains.TOLD
    _, found = after([*USUAL, *[(1_010.0, 200, 0)] * 10])
    assert max(found[12:]) < drains.SUSPECT, "more calls of the same size are none"


def test_runs_that_each_make_more_calls_are_a_drain() -> None:
    counted = [(size, calls, calls) for size, calls, _ in USUAL]
    _, found = after([*counted, *[(1_000.0, 60, 20)] * 2])
    assert max(found[12:]) >= drains.TOLD
    _, found = after([*counted, *[(1_000.0, 60, 60)] * 10])
    assert max(found[12:]) < drains.SUSPECT


def test_a_drain_that_grows_by_little_is_told() -> None:
    slow = [(1_000.0 * 1.05**day, 20, 0) for day in range(25)]
    usual = [(size, 20, 0) for size, _, _ in USUAL * 2]
    assert max(after([*usual, *slow])[1]) >= drains.TOLD


def test_what_is_suspected_teaches_nothing_until_it_is_usual() -> None:
    drain, _ = after([*USUAL, *[(2_000.0, 20, 0)] * 10])
    assert len(drain.days) == 12
    assert drain.more_before > 9 * 19_000.0
    drain, found = after([*USUAL, *[(2_000.0, 20, 0)] * 60])
    assert found[-1] < drains.SUSPECT


def test_it_is_over_after_calm_days() -> None:
    drain, _ = after([*USUAL, *[(2_000.0, 20, 0)] * 3, *[(1_000.0, 20, 0)] * 6])
    assert (drain.evidence, drain.since, drain.more_before, drain.refs) == (1.0, -1, 0.0, [])


def test_a_release_may_change_what_calls_carry() -> None:
    more = [*USUAL, *[(1_600.0, 20, 0)] * 3]
    assert max(after(more, released=11)[1][12:]) < drains.WEAK
    assert max(after([*USUAL, *[(9_000.0, 20, 0)] * 3], released=11)[1][12:]) >= drains.WEAK


def test_one_large_call_of_a_day_is_no_drain() -> None:
    drain, _ = after(USUAL)
    for number in range(20):
        drains.took(drain, 1e6 if number == 7 else 1_000.0, Ref("event", "e"))
    assert drains.looked(drain, 0, 0, Pool(), -1) < drains.SUSPECT


def test_the_calls_that_carried_more_are_named() -> None:
    drain, _ = after(USUAL)
    for number in range(40):
        drains.took(drain, 2_000.0 if number % 2 else 1_000.0, Ref("event", f"new-{number}"))
    assert len(drain.refs) == 8
    assert drain.refs[-1] == ("event", "new-39")


def test_what_days_spread_by_is_lent_to_others() -> None:
    drain, pool = Drain(), Pool()
    before = pool.spread
    for day in range(60):
        drains.took(drain, 1_000.0, Ref("event", "e"))
        drains.looked(drain, 3, 0, pool, -1)
        drains.day_ended(drain, day, pool, is_whole=True)
    assert pool.spread < before - 2.0


def test_few_calls_of_a_day_that_scatter_prove_little() -> None:
    drain = Drain()
    for day in range(12):
        for call in range(20):
            drains.took(drain, 1_000.0 * (1.0 + call % 5) ** 2, Ref("event", f"{day}-{call}"))
        drains.looked(drain, 0, 0, Pool(), -1)
        drains.day_ended(drain, day, Pool(), is_whole=True)
    assert drain.scatter > 0.5
    drains.took(drain, 25_000.0, Ref("event", "early"))
    assert drains.looked(drain, 0, 0, Pool(), -1) < 1.0 + drains.LOOKS
