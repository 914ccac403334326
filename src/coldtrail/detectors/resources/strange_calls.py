"""Which invocations stood out today, for whoever wants to open them."""

from __future__ import annotations

from coldtrail.errors import BundleError
from coldtrail.records.stage import State, packed, unpacked

MOST = 8
"""Of a version and a day: those that came first."""


class StrangeCalls:
    """Request ids of values far off their baseline, by the row of the measure."""

    def __init__(self) -> None:
        self._held: dict[int, list[tuple[int, str]]] = {}

    def add(self, slot: int, measure: int, request_id: str) -> None:
        """Keep it, where there is room."""
        held = self._held.setdefault(slot, [])
        if len(held) < MOST:
            held.append((measure, request_id))

    def of(self, slot: int, measure: int) -> tuple[str, ...]:
        """Those of a measure."""
        return tuple(one for which, one in self._held.get(slot, ()) if which == measure)

    def clear(self) -> None:
        """A new day."""
        self._held.clear()

    def snapshot(self) -> State:
        """All of it."""
        return {"strange_calls": packed(list(self._held.items()))}

    def restore(self, state: State, slots: int) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        held = unpacked(state, "strange_calls", list[tuple[int, list[tuple[int, str]]]])
        if not all(0 <= slot < slots for slot, _ in held):
            raise BundleError("The state is damaged (calls of no function).")
        self._held = dict(held)
