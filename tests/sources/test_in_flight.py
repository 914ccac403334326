from __future__ import annotations

from coldtrail.sources.in_flight import InFlight


def test_no_more_is_in_flight_than_allowed() -> None:
    flight = InFlight(10)
    assert flight.take(6)
    assert not flight.take(5)
    assert flight.take(4)
    flight.give_back(6)
    assert (flight.bytes, flight.highest) == (4, 10)
    assert flight.take(6)
