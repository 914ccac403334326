"""How foreign a name looks among others, as a chance.

By exchangeability (conformal prediction, Vovk, Gammerman and Shafer 2005) one more name like k others looks
at least as foreign as all but j of them with chance (j + 1) / (k + 1). Foreign is what has traits that few
others have: the sum, over the traits, of minus the logarithm of how many of the k + 1 have it; of an amount,
half the square of its distance from the mean in standard deviations.
"""

from __future__ import annotations

from math import log

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.names.traits import AMOUNTS

AS_FOREIGN = log(4.0)
"""Looks that differ by less are equally foreign."""
FEW = 0.02
"""Where more of the others are as foreign, none of this says anything: names differ."""
LEAST_DEVIATION = 1.0
"""Of an amount, that nearly all share: a character, or the step in which likeness to words is told."""
Rows = NDArray[np.uint16]
"""(row, trait)"""


class Family:
    """The looks of at least one name or thing, whose first traits are amounts."""

    def __init__(self, looks: Rows) -> None:
        self._amounts = looks[:, :AMOUNTS].astype(np.float64)
        self._sum, self._squares = self._amounts.sum(axis=0), (self._amounts**2).sum(axis=0)
        self._kinds = looks[:, AMOUNTS:]
        self._alike = np.empty(self._kinds.shape)
        for trait in range(self._kinds.shape[1]):
            _, of, number = np.unique(self._kinds[:, trait], return_inverse=True, return_counts=True)
            self._alike[:, trait] = number[of]

    def __len__(self) -> int:
        return len(self._kinds)

    def chance(self, look: NDArray[np.uint16]) -> float:
        """The chance that one more looks at least as foreign as this; 1 where more than a few others do."""
        amounts, kinds = look[:AMOUNTS].astype(np.float64), look[AMOUNTS:]
        size = len(self) + 1
        mean = (self._sum + amounts) / size
        variance = np.maximum((self._squares + amounts**2) / size - mean**2, LEAST_DEVIATION**2)
        same = kinds == self._kinds
        away = ((self._amounts - mean) ** 2 / variance).sum(axis=1) / 2.0
        others = away - np.log(self._alike + same).sum(axis=1)
        own = ((amounts - mean) ** 2 / variance).sum() / 2.0 - np.log(1.0 + same.sum(axis=0)).sum()
        as_foreign = np.count_nonzero(others >= own - AS_FOREIGN)
        return (as_foreign + 1) / size if as_foreign <= FEW * size else 1.0
