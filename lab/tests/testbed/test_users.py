"""The users' probabilities, from the paper's section 6.2.1."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from coldtrail_testbed.applications.airline.network import AIRPORTS, HOME
from coldtrail_testbed.applications.airline.users import (
    DECLINED_CARD_SHARE,
    airline_users,
    gap_between_users,
)

_MIDNIGHT = 1_769_990_400.0
_VISITS = 4000


class _Notebook:
    """A browser that only writes down what is asked for."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, Mapping[str, Any] | None]] = []
        self.time = _MIDNIGHT

    def request(self, api: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        self.requests.append((f"{method} {api} {path.split('/')[1]}", body))
        return {"chargeId": "ch"}

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        self.time += seconds

    def now(self) -> float:
        return self.time


@pytest.fixture(scope="module")
def visits() -> list[list[tuple[str, Mapping[str, Any] | None]]]:
    visit, result = airline_users(Random(1)), []
    for _ in range(_VISITS):
        notebook = _Notebook()
        for pause in visit(notebook):
            notebook.wait(pause)
        result.append(notebook.requests)
    return result


def _bookings(requests: list[tuple[str, Mapping[str, Any] | None]]) -> list[Mapping[str, Any]]:
    return [body for name, body in requests if name == "POST airline bookings" and body]


def test_eighty_percent_book_both_ways(visits: Any) -> None:
    assert sum(len(_bookings(visit)) == 2 for visit in visits) / _VISITS == pytest.approx(0.8, abs=0.03)
    assert all(len(_bookings(visit)) in (1, 2) for visit in visits)


def test_two_way_tickets_swap_the_airports(visits: Any) -> None:
    for visit in visits:
        flights = [booking["outboundFlightId"].split("-") for booking in _bookings(visit)]
        if len(flights) == 2:
            assert flights[0] == flights[1][::-1]
            assert flights[0][0] == HOME


def test_one_way_tickets_start_anywhere(visits: Any) -> None:
    flights = [_bookings(visit)[0]["outboundFlightId"] for visit in visits if len(_bookings(visit)) == 1]
    assert {flight.split("-")[0] for flight in flights} == set(AIRPORTS)


def test_seventy_percent_see_their_profile(visits: Any) -> None:
    seen = sum(any(name == "GET airline loyalty" for name, _ in visit) for visit in visits)
    assert seen / _VISITS == pytest.approx(0.7, abs=0.03)


def test_who_books_one_way_looks_at_the_bookings_first(visits: Any) -> None:
    for visit in visits:
        names = [name for name, _ in visit]
        assert ("GET airline bookings" in names) == (len(_bookings(visit)) == 1)
        if "GET airline bookings" in names:
            assert names.index("GET airline bookings") < names.index("POST airline bookings")


def test_some_cards_are_declined(visits: Any) -> None:
    charges = [body for visit in visits for name, body in visit if name == "POST payments charge"]
    declined = sum(body["card"] == "declined" for body in charges)
    assert declined / len(charges) == pytest.approx(DECLINED_CARD_SHARE, abs=0.01)


def test_nights_are_quieter_than_evenings() -> None:
    generator = Random(1)
    night = sum(gap_between_users(_MIDNIGHT + 3 * 3600, generator) for _ in range(2000))
    evening = sum(gap_between_users(_MIDNIGHT + 19 * 3600, generator) for _ in range(2000))
    assert night > 4 * evening


class _FailingPayments(_Notebook):
    def request(self, api: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = super().request(api, method, path, body)
        return {"message": "Service Unavailable"} if api == "payments" else answer


def test_nobody_books_when_the_payment_page_fails() -> None:
    visit = airline_users(Random(1))
    for _ in range(50):
        notebook = _FailingPayments()
        for pause in visit(notebook):
            notebook.wait(pause)
        assert any(name == "POST payments charge" for name, _ in notebook.requests)
        assert not _bookings(notebook.requests)
