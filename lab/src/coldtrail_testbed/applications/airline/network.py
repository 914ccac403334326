"""The airline's airports and flights."""

AIRPORTS = ("TLV", "LHR", "CDG", "JFK", "SFO", "NRT", "SYD", "GRU")
HOME = "TLV"


def flight_id(origin: str, target: str) -> str:
    """The id of the flight from `origin` to `target`."""
    return f"{origin}-{target}"


def ticket_price(origin: str, target: str) -> int:
    """The price of that flight, between 90 and 890."""
    return 90 + (AIRPORTS.index(origin) * 37 + AIRPORTS.index(target) * 101) % 800


FLIGHTS = tuple(
    {"id": flight_id(origin, target), "seatCapacity": 1_000_000, "ticketPrice": ticket_price(origin, target)}
    for origin in AIRPORTS
    for target in AIRPORTS
    if origin != target
)
