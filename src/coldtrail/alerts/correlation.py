"""What happens in several functions of one application at one time: one trouble, not one for each.

Lost telemetry, a slow service and shifts found together are all of this form: what lies no further apart than
an hour is of one time, and it takes several functions to make it a matter of the application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")

WITHIN_S = 3600.0
"""What lies no further apart than this is of one time."""


def at_one_time(things: Iterable[T], span: Callable[[T], tuple[float, float]]) -> list[list[T]]:
    """The things, parted where for an hour there was none of them; `span` tells when each began and ended.

    They come in the order of their beginnings; things that begin together keep their order.
    """
    out: list[list[T]] = []
    last = float("-inf")
    for thing in sorted(things, key=lambda one: span(one)[0]):
        first, end = span(thing)
        if not out or first - last > WITHIN_S:
            out.append([])
        out[-1].append(thing)
        last = max(last, end)
    return out


def in_several(things: Iterable[T], function: Callable[[T], object], least: int) -> bool:
    """Whether things lie in at least so many functions."""
    return len({function(thing) for thing in things}) >= least


def mostly_within(things: Sequence[object], within: int) -> bool:
    """Whether more than half of some things are among so many that were found."""
    return 2 * within > len(things)
