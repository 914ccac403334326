"""Figures of ranked flows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def average_precision(scores: NDArray[np.float64], malicious: NDArray[np.bool_]) -> float | None:
    """The area under the precision-recall curve as average precision; None without malicious flows.

    The sum over thresholds of precision times the gain in recall; equal scores share a threshold
    (Manning, Raghavan and Schütze 2008, section 8.4).
    """
    if not malicious.any():
        return None
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(malicious[order])
    last = np.append(np.diff(scores[order]) != 0, True)
    precision = (hits / np.arange(1, len(hits) + 1))[last]
    gained = np.diff(hits[last], prepend=0) / hits[-1]
    return float((precision * gained).sum())
