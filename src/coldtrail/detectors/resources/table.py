"""Numbers of many functions side by side, so that all are judged at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coldtrail.errors import BundleError
from coldtrail.records.stage import State, array

Column = NDArray[Any]
Rows = NDArray[np.int64]


class Table:
    """Columns of equal length by name. A new row is 0 throughout."""

    def __init__(self, columns: Mapping[str, type[np.floating[Any]]]) -> None:
        self._columns: dict[str, Column] = {name: np.zeros(0, dtype) for name, dtype in columns.items()}
        self.length = 0

    def __getitem__(self, name: str) -> Column:
        """A column, some rows longer than the table; it is another one once the table has grown."""
        return self._columns[name]

    def grow(self, rows: int) -> int:
        """The first of so many new rows."""
        first = self.length
        self.length += rows
        for name, column in self._columns.items():
            if len(column) < self.length:
                longer = np.zeros(max(2 * len(column), self.length, 16), column.dtype)
                longer[:first] = column[:first]
                self._columns[name] = longer
        return first

    def keep(self, rows: Rows) -> None:
        """Forget all rows but these, which keep their order."""
        for name, column in self._columns.items():
            self._columns[name] = column[rows].copy()
        self.length = len(rows)

    def snapshot(self, rows: Rows, name: str) -> State:
        """These rows."""
        kept: State = {f"{name}_rows": rows.astype(np.int64)}
        for dtype in (np.float32, np.float64):
            columns = [column[rows] for column in self._columns.values() if column.dtype == dtype]
            kept[f"{name}_{np.dtype(dtype).name}"] = np.concatenate([np.zeros(0, dtype), *columns])
        return kept

    def restore(self, state: State, name: str, length: int) -> None:
        """Take the rows of a snapshot up into this empty table of so many rows; raises `BundleError`."""
        rows = array(state, f"{name}_rows", np.int64)
        if len(rows) and not 0 <= rows.min() <= rows.max() < length:
            raise BundleError(f"The state is damaged ({name} has rows of nothing).")
        self.grow(length)
        for dtype in (np.float32, np.float64):
            columns = [column for column in self._columns.values() if column.dtype == dtype]
            told = array(state, f"{name}_{np.dtype(dtype).name}", dtype, len(columns) * len(rows))
            if not np.isfinite(told).all():
                raise BundleError(f"The state is damaged ({name} holds what is no number).")
            for number, column in enumerate(columns):
                column[rows] = told[number * len(rows) : (number + 1) * len(rows)]
