"""The airline's simulated users: probabilities from the paper, section 6.2.1."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

from coldtrail_testbed.applications.airline.network import AIRPORTS, HOME, flight_id, ticket_price
from coldtrail_testbed.applications.model import Browser, Visit

TWO_WAY_SHARE = 0.8
PROFILE_SHARE = 0.7
DECLINED_CARD_SHARE = 0.05
CUSTOMERS = 300

_BUSIEST_GAP_S = 38.0
# How busy each hour of the day is (UTC), 1 at its busiest: quiet nights, a lunch and an evening peak.
_ACTIVITY_BY_HOUR = (
    *(0.30, 0.22, 0.16, 0.14, 0.15, 0.22, 0.35, 0.50),
    *(0.65, 0.75, 0.80, 0.88, 0.95, 0.90, 0.80, 0.78),
    *(0.80, 0.86, 0.95, 1.00, 0.98, 0.85, 0.65, 0.45),
)


def gap_between_users(time: float, generator: Random) -> float:
    """Seconds until the next user comes, at UTC epoch `time`: exponential, longer when the hour is quiet."""
    activity = _ACTIVITY_BY_HOUR[datetime.fromtimestamp(time, UTC).hour]
    return generator.expovariate(activity / _BUSIEST_GAP_S)


def airline_users(generator: Random) -> Visit:
    """One visit after the other, of ever different users."""

    def visit(browser: Browser) -> Iterator[float]:
        return _User(generator, browser).visit()

    return visit


class _User:
    def __init__(self, generator: Random, browser: Browser) -> None:
        self._generator = generator
        self._browser = browser
        self._customer = f"customer-{generator.randrange(CUSTOMERS):04d}"

    def visit(self) -> Iterator[float]:
        """The user's pauses, in seconds: one user comes, books and goes."""
        two_way = self._generator.random() < TWO_WAY_SHARE
        sees_profile = self._generator.random() < PROFILE_SHARE
        origin, target = self._choose_airports(two_way)
        if sees_profile:
            self._see_profile()
            yield self._thinking()
        if not two_way:
            self._see_bookings()
            yield self._thinking()
        yield from self._book(origin, target)
        if two_way:
            yield self._thinking()
            yield from self._book(target, origin)

    def _choose_airports(self, two_way: bool) -> tuple[str, str]:
        if two_way:
            return HOME, self._generator.choice([airport for airport in AIRPORTS if airport != HOME])
        origin, target = self._generator.sample(AIRPORTS, 2)
        return origin, target

    def _see_profile(self) -> None:
        self._browser.request("airline", "GET", f"/loyalty/{self._customer}")

    def _see_bookings(self) -> None:
        self._browser.request("airline", "GET", f"/bookings/{self._customer}")

    def _book(self, origin: str, target: str) -> Iterator[float]:
        declined = self._generator.random() < DECLINED_CARD_SHARE
        price = ticket_price(origin, target)
        card = {"customerId": self._customer, "amount": price, "card": "declined" if declined else "valid"}
        charge = self._browser.request("payments", "POST", "/charge", card)
        yield self._generator.uniform(0.3, 1.5)
        if "chargeId" not in charge:  # the payment page failed, and its visitor gives up
            return
        booking = {"customerId": self._customer, "chargeId": charge["chargeId"], "price": price}
        booking["outboundFlightId"] = flight_id(origin, target)
        self._browser.request("airline", "POST", "/bookings", booking)

    def _thinking(self) -> float:
        return min(math.exp(self._generator.gauss(2.3, 0.6)), 90)
