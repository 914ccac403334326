"""Which functions are known, and for which minutes there is telemetry of their accounts.

Lambda's metrics leave out minutes in which nothing ran, so a minute counts as silent where anything is told
of the account, and where two told minutes are at most an hour apart.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from coldtrail.detectors.rates.counts import DAY, Flags
from coldtrail.detectors.rates.table import NEVER, Rows, Table
from coldtrail.detectors.rates.tails import Floats
from coldtrail.errors import BundleError
from coldtrail.records.identity import FunctionKey
from coldtrail.records.stage import State, packed, unpacked

MOST_FUNCTIONS = 50_000
"""Beyond it the one that ran least recently is forgotten."""
_MOST_ACCOUNTS = 2_000
_MOST_SILENT = 60.0
"""Minutes from one told minute to the next, between which nothing is missing."""
_COVERED = 5.0
"""Minutes for which an account counts as covered after its last told one."""


class Functions(Table):
    """Functions by column."""

    account: NDArray[np.int32]
    kind: NDArray[np.int8]
    """Of the trigger, as `levels.kind_of` numbers it."""
    share: NDArray[np.float32]
    """Of the invocations, that was counted to tell of all."""
    last: Floats
    """The minute in which it ran last, -1 for never."""
    rows: ClassVar[dict[str, Rows]] = {
        "account": Rows(1, np.int32),
        "kind": Rows(1, np.int8),
        "share": Rows(1, np.float32, 1.0),
        "last": Rows(1, np.float64, -1.0),
    }

    def __init__(self) -> None:
        super().__init__()
        self.columns: dict[FunctionKey, int] = {}
        self.keys: list[FunctionKey] = []
        self._accounts: dict[str, int] = {}
        self._told: Floats = np.full(1, NEVER)
        """By account, the last minute of which anything was told."""
        self._covered: Floats = np.zeros(1)
        """And how many minutes were."""
        self._by_name: dict[tuple[str, str, str], int] = {}
        """Account, region and name to the column, -1 where several applications have one."""

    def column(self, key: FunctionKey) -> int:
        """The column of a function, a new one where it was not known; -1 where an old one has to be given
        up for it, which `oldest` names."""
        found = self.columns.get(key)
        if found is not None:
            return found
        if len(self.keys) >= MOST_FUNCTIONS:
            return -1
        self.keys.append(key)
        self.make_room(len(self.keys))
        self._name(key, len(self.keys) - 1)
        return len(self.keys) - 1

    def oldest(self) -> int:
        """The column of the function that ran least recently."""
        return int(self.last[0, : self.functions].argmin())

    def replace(self, column: int, key: FunctionKey) -> None:
        """Gives the column of one function to another."""
        old = self.keys[column]
        del self.columns[old]
        self._by_name.pop(_place(old), None)
        self.forget(column)
        self.keys[column] = key
        self._name(key, column)

    def _name(self, key: FunctionKey, column: int) -> None:
        self.columns[key] = column
        place = _place(key)
        self._by_name[place] = -1 if place in self._by_name else column
        self.account[0, column] = self._account(key.account)

    def _account(self, name: str) -> int:
        if name not in self._accounts and len(self._accounts) >= _MOST_ACCOUNTS:
            return 0
        number = self._accounts.setdefault(name, len(self._accounts))
        if number >= len(self._told):
            self._told = np.append(self._told, np.full(number + 1, NEVER))
            self._covered = np.append(self._covered, np.zeros(number + 1))
        return number

    def find(self, near: FunctionKey, name: str) -> int:
        """The column of a function that another one's telemetry names, -1 for none or several."""
        own = self.columns.get(near._replace(function=name))
        return own if own is not None else self._by_name.get((near.account, near.region, name), -1)

    def elsewhere(self, column: int) -> list[int]:
        """The columns of functions of the same name in other regions of its account."""
        of = self.keys[column]
        return [
            other
            for other, key in enumerate(self.keys)
            if key.function == of.function and key.account == of.account and key.region != of.region
        ]

    def minutes_at_first(self, column: int) -> float:
        """How long a function is known that is met now: what is met within the first day of an account's
        telemetry was there before."""
        covered = float(self._covered[self.account[0, column]])
        return covered if covered < DAY else 0.0

    def cover(self, minute: int, columns: NDArray[np.intp]) -> Floats:
        """Tells that telemetry of these functions came for a minute; returns by how many minutes that covers
        each function more."""
        present = self._accounts_of(columns)
        gap = minute - self._told[present]
        more = np.zeros(len(self._told))
        more[present] = np.where(gap <= _MOST_SILENT, gap, 1.0)
        self._told[present] = minute
        self._covered += more
        return more[self.account[0, : self.functions]]

    def _accounts_of(self, columns: NDArray[np.intp]) -> NDArray[np.intp]:
        """The accounts of functions, each once."""
        present = np.zeros(len(self._told), np.bool_)
        present[self.account[0, columns]] = True
        return np.flatnonzero(present)

    def covered(self, minute: int) -> Flags:
        """The functions of whose account telemetry comes."""
        recent = minute - self._told <= _COVERED
        covered: Flags = recent[self.account[0, : self.functions]]
        return covered

    def covered_until(self, minute: int, columns: NDArray[np.intp]) -> Flags:
        """The functions of whose account nothing is missing between its last told minute and this one, in
        which telemetry of these functions came."""
        whole = np.zeros(len(self._told), np.bool_)
        present = self._accounts_of(columns)
        whole[present] = minute - self._told[present] <= _MOST_SILENT
        covered: Flags = whole[self.account[0, : self.functions]]
        return covered

    def state(self) -> State:
        """All that is kept."""
        names = packed((self.keys, list(self._accounts)))
        return super().state() | {"names": names, "told": self._told.copy(), "covered": self._covered.copy()}

    def restore(self, state: State, functions: int = 0) -> None:
        """Go on from what `state` gave; raises `BundleError` where that is damaged."""
        kept: tuple[list[FunctionKey], list[str]] = unpacked(
            state, "names", tuple[list[FunctionKey], list[str]]
        )
        keys, accounts = kept
        super().restore(state, len(keys))
        told, covered = state.get("told"), state.get("covered")
        if told is None or covered is None or told.shape != covered.shape or told.dtype != np.float64:
            raise BundleError("The state is damaged (minutes of accounts).")
        self._told, self._covered = told.astype(np.float64), covered.astype(np.float64)
        self._accounts = {name: number for number, name in enumerate(accounts)}
        if len(accounts) > len(told) or (self.account[0, : len(keys)] >= max(len(told), 1)).any():
            raise BundleError("The state is damaged (an account that is not known).")
        self.keys, self.columns, self._by_name = keys, {}, {}
        for column, key in enumerate(keys):
            self.columns[key] = column
            place = _place(key)
            self._by_name[place] = -1 if place in self._by_name else column


def _place(key: FunctionKey) -> tuple[str, str, str]:
    return key.account, key.region, key.function
