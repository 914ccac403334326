"""What the arrays of a bundle must be: each owner declares its own, and they are checked before use.

A bundle may come from anywhere, and its hashes only say that it is whole. Arrays that pass can be looked up,
divided by and put into words safely; whether they were ever learned, they cannot show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Bound = float | str
"""A number, or the name of one that is known only to who checks."""
Bounds = Bound | tuple[Bound, ...]
"""One bound for all, or one for each column."""

MOST = 1e15
"""No count, weight, score or time is larger."""
LEAST = 1e-16
"""What is divided by is no smaller."""


class Array(NamedTuple):
    """What one array must be."""

    name: str
    dtype: type[np.generic] = np.float64
    axes: tuple[int | str, ...] = (1,)
    """The length of each axis: a number, or a name that stands for one length in all arrays that use it."""
    least: Bounds = 0.0
    most: Bounds = MOST
    ascends: bool = False
    distinct: bool = False
    """Whether none may come twice, where it ascends."""


def floats(name: str, *axes: int | str, least: Bounds = 0.0, most: Bounds = MOST) -> Array:
    """An array of numbers with a fraction."""
    return Array(name, np.float64, axes, least, most)


def integers(name: str, *axes: int | str, least: Bounds = 0.0, most: Bounds = MOST) -> Array:
    """An array of whole numbers."""
    return Array(name, np.int64, axes, least, most)


def hashes(name: str, axis: str = "", *, distinct: bool = True) -> Array:
    """An array of hashes, ascending, on an axis of its own if none is named."""
    return Array(name, np.uint64, (axis or name,), -np.inf, np.inf, ascends=True, distinct=distinct)


def lookup(keys: str, values: str, *columns: int) -> tuple[Array, ...]:
    """Hashes with a count, or a row of counts, for each."""
    return hashes(keys), floats(values, keys, *columns)


def words(name: str, axis: str = "") -> Array:
    """An array of words, on an axis of its own if none is named."""
    return Array(name, np.str_, (axis or name,))


def prefixed(start: str, declared: Iterable[Array]) -> tuple[Array, ...]:
    """The same arrays, their names and those of their axes prefixed."""
    return tuple(
        array._replace(
            name=start + array.name,
            axes=tuple(start + axis if isinstance(axis, str) else axis for axis in array.axes),
        )
        for array in declared
    )


def check(state: Mapping[str, NDArray[Any]], declared: Iterable[Array], known: Mapping[str, int]) -> None:
    """Raises ValueError where an array is missing, or is not what is declared.

    `known` are lengths and bounds by their names.
    """
    lengths = dict(known)
    for array in declared:
        found = state.get(array.name)
        if found is None:
            raise ValueError(f"{array.name} is missing")
        if not np.issubdtype(found.dtype, array.dtype):
            raise ValueError(f"{array.name} holds other things than it should")
        if len(found.shape) != len(array.axes) or any(
            length != (axis if isinstance(axis, int) else lengths.setdefault(axis, length))
            for axis, length in zip(array.axes, found.shape, strict=True)
        ):
            raise ValueError(f"{array.name} is of another size than it should be")
        if array.ascends and not _ascends(found, array.distinct):
            raise ValueError(f"{array.name} is not in order")
        if found.dtype.kind not in "biuf":
            "".join(found.tolist()).encode()
            continue
        least, most = _bounds(array.least, known), _bounds(array.most, known)
        if not ((found >= least) & (found <= most)).all():
            raise ValueError(f"{array.name} holds numbers that cannot be")


def _ascends(array: NDArray[Any], distinct: bool) -> bool:
    before, after = array[:-1], array[1:]
    return bool((before < after if distinct else before <= after).all())


def _bounds(bounds: Bounds, known: Mapping[str, int]) -> Any:
    each = bounds if isinstance(bounds, tuple) else (bounds,)
    return np.array([known[one] if isinstance(one, str) else one for one in each], np.float64)
