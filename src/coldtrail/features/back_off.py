"""How far a function with little history backs off to functions that behave like it."""

from __future__ import annotations

import numpy as np

from coldtrail.features.batch import Floats, Ints

LENT_FLOWS = 100.0
"""Flows like its likes' that a function without history is taken to have had."""
GROUPS = 2**40
"""Added to a group's number where a function's is asked for."""
APPLICATIONS = 2**41
"""Added to an application's number there."""
LENT_UNTIL = 300.0
"""Flows from which a function speaks for itself; until then ever less of its likes' history is lent to it."""


def flows_learned(function: Ints, weight: Floats) -> Floats:
    """(function,) how many flows each function has, by its number, given the function of each flow."""
    return np.bincount(function, weight).astype(np.float64)


def back_off_weight(function: Ints, learned: Floats) -> Floats:
    """(row,) how far each function backs off to its peers: 1 without history, 0 from `LENT_UNTIL` flows.

    A function never met backs off to nobody: it is not judged, and everything about it is new.
    """
    known = np.where(function < len(learned), function, 0)
    flows = np.where(known > 0, learned[known], 0.0) if len(learned) else np.zeros(len(function))
    return back_off_weight_after(flows)


def back_off_weight_after(flows: Floats) -> Floats:
    """(row,) as `leaning`, by the flows that each row's function has."""
    return np.where(flows > 0, np.maximum(1.0 - flows / LENT_UNTIL, 0.0), 0.0)
