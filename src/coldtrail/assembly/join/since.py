"""Since when functions are known in one way or another: by traces, by traced calls, by the log of their
invocations.

Only what is dated before the end of what is decided counts, so that it makes no difference how much has
come by then.
"""

from __future__ import annotations

from math import inf
from typing import Any, TypeAlias

from coldtrail.assembly.join.functions import Named
from coldtrail.assembly.join.steps import makes_calls
from coldtrail.records.columns import AnyFlow, LeanFlow, Shape

_MOST_SHAPES = 50_000
Owned = dict[tuple[str, str], float]
"""By name and account of a function; the latter is empty where it is not told, and `_ANY` for the first of
all."""
_ANY = "*"


SinceState: TypeAlias = tuple[list[tuple[str, str, float]], dict[str, float], list[tuple[str, str, float]]]

SINCE_STATE: Any = SinceState


class Since:
    """The first times."""

    def __init__(self) -> None:
        self.traced: Owned = {}
        self.called: dict[str, float] = {}
        """By name alone."""
        self.invoked: Owned = {}

    def see(self, flow: AnyFlow, makers: Makers) -> None:
        """Takes a flow that a trace tells of."""
        key, start = flow.key, flow.start_time
        _see(self.traced, key.function, key.account, start)
        if start < self.called.get(key.function, inf) and makers.makes_calls(flow):
            self.called[key.function] = start

    def see_invoke(self, function: Named, time: float) -> None:
        """Takes a call that began an invocation."""
        _see(self.invoked, function.name, function.account, time)

    def is_traced(self, function: Named, until: float) -> bool:
        """Whether any run of the function until then was traced."""
        return _first(self.traced, function) <= until

    def is_invoked(self, function: Named, until: float) -> bool:
        """Whether any invocation of the function until then stands in the audit log."""
        return _first(self.invoked, function) <= until

    def state(self) -> SinceState:
        """All of them."""
        listed = [[(*owner, time) for owner, time in one.items()] for one in (self.traced, self.invoked)]
        return listed[0], self.called, listed[1]

    def restore(self, state: SinceState) -> None:
        """Go on from what `state` gave."""
        traced, self.called, invoked = state
        self.traced = {(name, account): time for name, account, time in traced}
        self.invoked = {(name, account): time for name, account, time in invoked}


def _see(times: Owned, name: str, account: str, time: float) -> None:
    for owner in ((name, account), (name, _ANY)):
        if time < times.get(owner, inf):
            times[owner] = time


def _first(times: Owned, function: Named) -> float:
    """Of the function, or of what may be it."""
    owned = times.get((function.name, function.account or _ANY), inf)
    return min(owned, times.get((function.name, ""), inf))


class Makers:
    """Which flows make calls of the cloud's services, worked out once for all of one shape."""

    def __init__(self) -> None:
        self._known: dict[Shape, bool] = {}

    def makes_calls(self, flow: AnyFlow) -> bool:
        """Whether any step is such a call."""
        if not isinstance(flow, LeanFlow):
            return makes_calls(flow)
        shape = flow.columns.shape
        known = self._known.get(shape)
        if known is None:
            if len(self._known) > _MOST_SHAPES:
                self._known.clear()
            known = self._known[shape] = makes_calls(flow)
        return known
