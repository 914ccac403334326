"""Arrays as nobody learned them, each still good bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
TINY, HUGE = 1e-300, 1e300


def forgeries(array: Array) -> Iterator[tuple[str, Array]]:
    """What somebody may put in the place of an array, and what that is called."""
    yield "empty", array[:0]
    yield "a single value", np.array(array.ravel()[0] if array.size else 0)
    yield "deeper", np.stack([array, array], axis=array.ndim)
    yield "longer", np.concatenate([array, array[-1:] if len(array) else np.zeros((1, *array.shape[1:]))])
    yield "shorter", array[:-1]
    yield "backwards", array[::-1]
    yield "words", np.full(array.shape, "a")
    yield "other numbers", np.zeros(array.shape, np.int64 if array.dtype.kind == "f" else np.float64)
    yield "bare bytes", np.zeros(array.shape, "V8")
    if array.ndim > 1:
        yield "flat", array.ravel()
    if array.dtype.kind in "iuf" and array.size:
        values = (-1, 0, 1, 2**40, 2**63 - 1) if array.dtype.kind in "iu" else (-1.0, 0.0, TINY, 2.0, HUGE)
        for value in values:
            with np.errstate(over="ignore"):
                number = np.array(value).astype(array.dtype)
            yield f"all {value}", np.full_like(array, number)
            last = array.copy()
            last.ravel()[-1] = number
            yield f"the last {value}", last
