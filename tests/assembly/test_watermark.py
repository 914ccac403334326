"""Up to when documents have come."""

from __future__ import annotations

from math import inf

import pytest

from coldtrail.assembly.watermark import STRAY_S, EventTime
from coldtrail.records.telemetry import Link, Observations, Span
from coldtrail.testing import make_event


def _now(*starts: float, before: float = -inf) -> float:
    time = EventTime()
    time.go_on_from(before)
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
