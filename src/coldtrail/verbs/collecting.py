"""Python's collection of garbage, made rare while many small objects are held that form no circles."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MADE_BETWEEN = 200_000
"""Objects, more made than freed, after which circles are looked for: some 20,000 flows."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Looks for circles of objects seldom while it is open, since each look walks over all that is held.

    The threshold belongs to the whole process; it is put back at the end.
    """
    before = gc.get_threshold()
    if before[0] > 0:
        gc.set_threshold(max(before[0], _MADE_BETWEEN), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
