"""Up to when documents have come."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from coldtrail.assembly.watermark import LEAST_AFTER_PAUSE, LEAST_BELIEVED, STRAY_S, EventTime
from coldtrail.records.change import Change
from coldtrail.records.telemetry import Link, Observations, Span
from coldtrail.records.witnesses import Metric, Network, Report
from coldtrail.testing import make_event


def _now(*starts: float, before: float = -inf) -> float:
    time = EventTime()
    time.restore(np.array([before, LEAST_BELIEVED if before > -inf else 0]))
    for start in starts:
        time.see(Observations([Span("trace", "run", start_time=start)]))
    return time.now


def test_it_is_the_latest_start_in_whatever_order_they_come() -> None:
    assert _now(5.0, 9.0, 7.0) == 9.0
    assert _now() == -inf


def test_it_never_goes_back() -> None:
    assert _now(5.0, before=8.0) == 8.0
    assert _now(before=8.0) == 8.0
    assert _now(9.0, before=8.0) == 9.0


@pytest.mark.parametrize("strays", [1, 3])
def test_wrong_dates_move_it_only_when_most_are_so(strays: int) -> None:
    century = 100 * 365 * STRAY_S
    assert _now(1.0, 2.0, 3.0, 4.0, *[century] * strays) == 4.0
    assert _now(1.0, *[century] * 3) == century
    assert _now(-century, 1.0, 2.0) == 2.0


def test_a_document_begins_with_the_first_that_it_tells_of() -> None:
    steps = (make_event(start_time=7.0, end_time=9.0), make_event(start_time=6.0, end_time=8.0))
    link = Link("trace", "link", None, "hop", "kind", "name", start_time=5.0)
    for observations, now in (
        (Observations([Span("trace", None, steps=steps)]), 6.0),
        (Observations([Span("trace", None, steps=steps)], [link]), 5.0),
        (Observations(), -inf),
    ):
        time = EventTime()
        time.see(observations)
        assert time.now == now


def test_one_record_alone_begins_at_its_time_and_none_without_a_time() -> None:
    time = EventTime()
    time.see(Observations(reports=(Report(None, "r", "pay"),)))
    assert time.now == -inf
    time.see(Observations(reports=(Report(7.0, "r", "pay"),)))
    assert time.now == 7.0
    time.see(Observations([Span("trace", "run", start_time=9.0)], reports=(Report(8.0, "r", "pay"),)))
    assert time.now == 8.0


def test_one_wrong_date_alone_in_a_call_moves_no_clock_that_goes_on() -> None:
    week = 7 * STRAY_S
    assert _now(week, before=8.0) == 8.0
    assert _now(9.0, week, week, week, before=8.0) == 9.0
    assert _now(*[week] * LEAST_AFTER_PAUSE, before=8.0) == week


def test_what_is_dated_years_ahead_of_earlier_calls_is_not_believed() -> None:
    time, century = EventTime(900.0), 100 * 365 * STRAY_S
    told = Observations([Span("trace", "run", start_time=century)])
    counted = Observations(metrics=(Metric(century, 60.0, "pay"),))
    assert time.see(told), "of the first call nobody knows"
    time.restore(np.array([8.0, LEAST_BELIEVED]))
    assert not any([time.see(told), time.see(counted)] * LEAST_AFTER_PAUSE)
    assert time.see(Observations([Span("trace", "run", start_time=9.0)]))
    assert time.now == 9.0


def test_a_first_call_with_few_documents_makes_no_later_one_wrong() -> None:
    century = 100 * 365 * STRAY_S
    for number, believed in ((1, True), (LEAST_BELIEVED - 1, True), (LEAST_BELIEVED, False)):
        time = EventTime()
        for _ in range(number):
            assert time.see(Observations([Span("trace", "run", start_time=1.0)]))
        state, time = time.state(), EventTime()
        time.restore(state)
        later = [
            time.see(Observations([Span("trace", "run", start_time=century + one)]))
            for one in range(LEAST_AFTER_PAUSE)
        ]
        assert set(later) == {believed}
        assert (time.now > 1.0) == believed


def test_after_a_pause_few_records_a_call_move_it_together() -> None:
    state, pause, nows = np.array([8.0, LEAST_BELIEVED]), 3 * STRAY_S, []
    for number in range(LEAST_AFTER_PAUSE):
        time = EventTime()
        time.restore(state)
        time.see(Observations([Span("trace", "run", start_time=pause + number)]))
        state = time.state()
        nows.append(time.now)
    assert nows == [8.0] * (LEAST_AFTER_PAUSE - 1) + [pause + LEAST_AFTER_PAUSE - 1]
    assert state.tolist() == [nows[-1], LEAST_BELIEVED]


def test_what_came_beyond_a_pause_counts_no_more_once_the_clock_goes_on_before_it() -> None:
    state, week = np.array([8.0, LEAST_BELIEVED]), 7 * STRAY_S
    for start in (*[week] * (LEAST_AFTER_PAUSE - 1), 9.0, week):
        time = EventTime()
        time.restore(state)
        time.see(Observations([Span("trace", "run", start_time=start)]))
        state = time.state()
    assert state.tolist() == [9.0, LEAST_BELIEVED, week]


def test_what_is_of_no_run_moves_it_less_far() -> None:
    for told in (
        Observations(metrics=(Metric(2_000.0, 60.0, "pay"), Metric(2_060.0, 60.0, "pay"))),
        Observations(changes=(Change("e", 2_060.0, "", "", "pay", "UpdateFunctionCode"),)),
        Observations(networks=(Network(2_000.0, 2_060.0),)),
        Observations(metrics=tuple(Metric(60.0 * n + 20.0, 60.0, "pay") for n in range(-965, 35))),
    ):
        time = EventTime(900.0)
        time.see(told)
        assert time.now == 1_160.0
        time.see(Observations([Span("trace", "run", start_time=1_500.0)]))
        assert time.now == 1_500.0
