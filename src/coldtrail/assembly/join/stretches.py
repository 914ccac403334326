"""Time in stretches, so that of very much that waits for the end only a part is taken up at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from coldtrail.features.batch import Floats

LEAST, MOST_STRETCHES = 32_768, 64
"""Things that are due in a stretch, and stretches: for each of them, all that waits is looked through."""


def stretches(due: Iterable[Floats], horizon: float) -> list[float]:
    """The ends of stretches of time up to a horizon in which not very much is due each, by when it is."""
    times = np.concatenate([one[np.isfinite(one) & (one < horizon)] for one in due])
    times.sort()
    size = max(LEAST, -(-len(times) // MOST_STRETCHES))
    return [*np.unique(times[size::size]).tolist(), horizon]
