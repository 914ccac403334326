"""Scores, chances and techniques in plain words."""

from __future__ import annotations

from coldtrail.alerts.attack import MATRIX_VERSION
from coldtrail.alerts.wording.amounts import number, roughly
from coldtrail.records.alert import Technique

_MOST_RUNS = 0.5


def one_in(p_value: float) -> str:
    """A chance as odds, `1 in 3,800`; empty where none is known."""
    return f"1 in {roughly(1 / p_value)}" if 1e-12 < p_value < 1 else ""


def strangeness(score: float, threshold: float, p_value: float) -> str:
    """The score beside the threshold, and how often runs of the whole history score as high."""
    told = f"{number(score)}, alarm from {number(threshold)}"
    if p_value >= _MOST_RUNS:
        return f"{told}; most usual runs of all functions are as strange"
    rarity = one_in(p_value)
    return f"{told}; at most {rarity} usual runs of all functions is as strange" if rarity else told


def technique(named: Technique) -> str:
    """The technique with its tactic and matrix: `T1496 Resource Hijacking (Impact, matrix v19)`."""
    return f"{named.technique_id} {named.technique} ({named.tactic}, matrix v{MATRIX_VERSION})"
