"""Alarms against labels, as the paper counts them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.batch import Bools, Floats
from coldtrail.learning.metrics import average_precision

Names = NDArray[np.str_]


@dataclass(frozen=True)
class Figures:
    """Counts of flows, and the shares that follow; a share without a denominator is None."""

    malicious: int
    found: int
    benign: int
    false_alarms: int
    pr_auc: float | None = None

    @property
    def precision(self) -> float | None:
        """Found ones among the alarms."""
        return _share(self.found, self.found + self.false_alarms)

    @property
    def recall(self) -> float | None:
        """Found ones among the malicious."""
        return _share(self.found, self.malicious)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        return _share(2 * self.found, self.found + self.false_alarms + self.malicious)

    @property
    def fpr(self) -> float | None:
        """False alarms among the benign."""
        return _share(self.false_alarms, self.benign)

    @property
    def fnr(self) -> float | None:
        """Missed ones among the malicious."""
        return _share(self.malicious - self.found, self.malicious)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def figures(alarm: Bools, malicious: Bools, strength: Floats | None = None) -> Figures:
    """The figures of flows; `strength`, higher where stranger, adds the area under precision and recall."""
    area = None if strength is None else average_precision(strength, malicious)
    return Figures(
        int(malicious.sum()),
        int((alarm & malicious).sum()),
        int((~malicious).sum()),
        int((alarm & ~malicious).sum()),
        area,
    )


def recall_at(fpr: float, malicious: Bools, strength: Floats) -> float | None:
    """The recall of the threshold that lets this share of these very benign flows alarm.

    The labels set that threshold: it tells how well flows are ranked, not how well they are detected.
    """
    if not malicious.any() or malicious.all():
        return None
    benign = np.sort(strength[~malicious])[::-1]
    limit = benign[int(fpr * len(benign))]
    return float((strength[malicious] > limit).mean())


def each_attack(alarm: Bools, attack: Names, function: Names) -> dict[str, Figures]:
    """The figures of each attack, against the benign runs of the functions that it strikes (Table 5).

    `attack` is empty for benign flows. The paper's two attacks on one function share their false alarms, and
    have the same false-positive rate: benign runs of that function are what it counts.
    """
    found = {}
    for name in sorted(set(attack.tolist()) - {""}):
        struck = attack == name
        benign = (attack == "") & np.isin(function, np.unique(function[struck]))
        chosen = struck | benign
        found[name] = figures(alarm[chosen], struck[chosen])
    return found
