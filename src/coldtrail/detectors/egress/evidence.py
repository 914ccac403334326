"""How much a day speaks for a drain, and how days add up, with a bound on false alarms.

A day is held against days before by Student's t, whose tails are as thick as history is short. Its p-value
becomes an e-value, which is 1 on average, or less, while nothing is wrong; an e-CUSUM multiplies e-values and
begins again at 1. While nothing is wrong it passes `c` once in `c` days on average or less often, if p-values
of days hold given those before (Shin, Ramdas, Rinaldo: "E-detectors", 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import atan, cos, pi, sin, sqrt

_POWER = 0.3
"""Of p-values (Vovk, Wang: "E-values", 2021, equation 1): less tells great drains sooner, more small ones."""
_LEAST_P = 1e-9
"""No history of days proves more."""
_PRIOR_DAYS = 3
"""What other functions' days spread by counts as so many of its own."""
_FLOOR = 0.05
"""No usual amount is known better than by this share."""
_MOST, _BACK = 1e6, 0.5
"""Evidence is no more; and of its logarithm a calm day leaves so much."""


def p_value(past: Sequence[float], now: float, spread: float, doubt: float = 0.0) -> float:
    """The chance that a day lies as far above those before as `now` does: all are logarithms, `spread` is the
    variance that is usual among functions, `doubt` a variance that comes on top."""
    number = len(past)
    mean = sum(past) / number
    squares = sum((one - mean) ** 2 for one in past)
    degrees = _PRIOR_DAYS + number - 1
    variance = (_PRIOR_DAYS * spread + squares) / degrees
    return t_tail((now - mean) / sqrt(variance * (1.0 + 1.0 / number) + _FLOOR**2 + doubt), degrees)


def t_tail(t: float, degrees: int) -> float:
    """The chance that Student's t is above this (Abramowitz, Stegun, 26.7.3 and 26.7.4)."""
    angle = atan(t / sqrt(degrees))
    square, odd = cos(angle) ** 2, degrees % 2
    term = cos(angle) if odd else 1.0
    total = term if degrees > 1 else 0.0
    for k in range(3 if odd else 2, degrees - 1, 2):
        term *= square * (k - 1) / k
        total += term
    within = 2.0 / pi * (angle + sin(angle) * total) if odd else sin(angle) * total
    return (1.0 - within) / 2.0


def e_value(p: float) -> float:
    """The e-value of a p-value."""
    return float(_POWER * max(p, _LEAST_P) ** (_POWER - 1.0))


def added(evidence: float, found: float, *, is_calm: bool = False) -> float:
    """The e-CUSUM after a day of such an e-value; what adds up is forgotten within a few calm days."""
    after = max(1.0, evidence) * found
    return min(_MOST, max(1.0, min(after, evidence**_BACK) if is_calm else after))


def variance_of(past: Sequence[float]) -> float:
    """What days spread by."""
    mean = sum(past) / len(past)
    return sum((one - mean) ** 2 for one in past) / (len(past) - 1)
