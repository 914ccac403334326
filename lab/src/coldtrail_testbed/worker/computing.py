"""Computing that a handler does on purpose: it takes virtual time, and processor time with it."""

from collections.abc import Callable

_spend: list[Callable[[float], None]] = []


def compute(seconds: float) -> None:
    """None; the handler has computed for so long."""
    for spend in _spend:
        spend(seconds)


def spend_by(spend: Callable[[float], None]) -> None:
    """None; from now on `spend(seconds)` is what computing does in this process."""
    _spend[:] = [spend]
