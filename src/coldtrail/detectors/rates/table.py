"""Numbers of many functions, a column a function, that can be stopped and resumed."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldtrail.errors import BundleError
from coldtrail.records.stage import State, array

_LEAST = 64
NEVER, NOT_YET = -1e15, 1e15
"""Before and behind all times: a bundle keeps finite numbers alone."""


class Rows(NamedTuple):
    """How a quantity is kept: so many numbers a function, which kind, and what a new function begins with."""

    number: int
    kind: type[np.generic]
    at_first: float = 0.0


class Table:
    """The base of what is kept of each function. Members name their quantities in `rows`; each is an array
    of rows by columns, in which columns beyond `functions` are free."""

    rows: ClassVar[dict[str, Rows]]

    def __init__(self) -> None:
        self.functions = 0
        for name, rows in self.rows.items():
            setattr(self, name, np.full((rows.number, _LEAST), rows.at_first, rows.kind))

    def make_room(self, functions: int) -> None:
        """Holds so many functions from now on."""
        self.functions = functions
        for name, rows in self.rows.items():
            known = self._of(name)
            if known.shape[1] < functions:
                size = max(2 * known.shape[1], functions)
                grown = np.full((rows.number, size), rows.at_first, rows.kind)
                grown[:, : known.shape[1]] = known
                setattr(self, name, grown)

    def forget(self, column: int) -> None:
        """Lets a column be that of a new function."""
        for name, rows in self.rows.items():
            self._of(name)[:, column] = rows.at_first

    def state(self) -> State:
        """All that is kept, as it is now: no view of arrays that go on."""
        return {name: self._of(name)[:, : self.functions].flatten() for name in self.rows}

    def restore(self, state: State, functions: int) -> None:
        """Go on from what `state` gave of so many functions; raises `BundleError` where it is damaged."""
        self.make_room(functions)
        for name, rows in self.rows.items():
            kept = array(state, name, rows.kind, rows.number * functions)
            if np.issubdtype(rows.kind, np.floating) and not np.isfinite(kept).all():
                raise BundleError(f"The state is damaged ({name} holds what is no number).")
            self._of(name)[:, :functions] = kept.reshape(rows.number, functions)

    def _of(self, name: str) -> NDArray[Any]:
        found: NDArray[Any] = getattr(self, name)
        return found
