"""Splits of flows by time, so that nothing is judged by what came after it."""

from __future__ import annotations

import numpy as np

from coldtrail.features.batch import Ints


def time_split(flows: int, share: float) -> tuple[Ints, Ints]:
    """The numbers of the earlier flows (that share of them) and of the later ones."""
    cut = int(flows * share)
    return np.arange(cut), np.arange(cut, flows)
