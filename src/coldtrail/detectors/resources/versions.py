"""Which row is whose: functions, and the versions of each that run at present."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from coldtrail.errors import BundleError
from coldtrail.records.identity import FunctionKey
from coldtrail.records.stage import State, packed, unpacked

MOST_VERSIONS = 4
"""Of a function at one time: a further one counts as the one that began last."""
KEPT_DAYS = 2
"""A version that did not run for longer is forgotten, unless it began last."""


class _Slot(Struct):
    function: int
    version: str
    day: int
    """On which it ran last, in days of the calendar."""


class Versions:
    """A slot for each version of each function that runs."""

    def __init__(self) -> None:
        self.keys: list[FunctionKey] = []
        self._numbers: dict[FunctionKey, int] = {}
        self._slots: list[_Slot] = []
        self._by_version: list[dict[str, int]] = []
        """Of each function, in the order of their beginnings."""

    def __len__(self) -> int:
        return len(self._slots)

    def function(self, key: FunctionKey) -> int:
        """The function's number."""
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.keys)
            self.keys.append(key)
            self._by_version.append({})
        return number

    def slot(self, function: int, version: str, day: int) -> tuple[int, int | None]:
        """The slot; where it is new, whose baseline it takes over: -1 for nobody's, else None."""
        versions = self._by_version[function]
        slot = versions.get(version)
        if slot is None and len(versions) >= MOST_VERSIONS:
            slot = next(reversed(versions.values()))
        if slot is not None:
            self._slots[slot].day = day
            return slot, None
        before = next(reversed(versions.values()), -1)
        versions[version] = slot = len(self._slots)
        self._slots.append(_Slot(function, version, day))
        return slot, before

    def unversioned(self, key: FunctionKey) -> list[int]:
        """Slots of a function whose version keeps its name when it is changed."""
        number = self._numbers.get(key)
        versions = {} if number is None else self._by_version[number]
        return [versions[name] for name in ("", "$LATEST") if name in versions]

    def functions(self) -> list[int]:
        """The function of each slot."""
        return [slot.function for slot in self._slots]

    def function_of(self, slot: int) -> int:
        """The function of a slot."""
        return self._slots[slot].function

    def slots_of(self, function: int) -> list[int]:
        """The slots of a function's versions."""
        return list(self._by_version[function].values())

    def version_of(self, slot: int) -> str | None:
        """Its version, where it has one."""
        return self._slots[slot].version or None

    def forget(self, day: int) -> list[int]:
        """Forget versions that run no more; the slots that are kept, in their order."""
        newest = {next(reversed(versions.values())) for versions in self._by_version if versions}
        kept = [
            number
            for number, slot in enumerate(self._slots)
            if number in newest or abs(day - slot.day) <= KEPT_DAYS
        ]
        if len(kept) < len(self._slots):
            self._take([self._slots[number] for number in kept])
        return kept

    def _take(self, slots: list[_Slot]) -> None:
        self._slots = slots
        self._by_version = [{} for _ in self.keys]
        for number, slot in enumerate(slots):
            self._by_version[slot.function][slot.version] = number

    def snapshot(self) -> State:
        """All of it."""
        return {"versions": packed((self.keys, self._slots))}

    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""
        keys, slots = unpacked(state, "versions", tuple[list[tuple[str, str, str, str]], list[_Slot]])
        self.keys = [FunctionKey(*key) for key in keys]
        self._numbers = {key: number for number, key in enumerate(self.keys)}
        if not all(0 <= slot.function < len(keys) for slot in slots):
            raise BundleError("The state is damaged (versions of no function).")
        self._take(slots)


def rows_of(slots: list[int], measures: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The rows of slots in a table of so many measures for each."""
    return (np.asarray(slots, np.int64)[:, None] * measures + np.arange(measures)).ravel()
