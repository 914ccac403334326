"""Validation errors to a threshold (paper section 5.2.3)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coldtrail.features.batch import Floats, Ints

MIN_SAMPLES = 5
EPS_PERCENTILE = 99.0
LEAST_SHARE = 0.05
FACTOR = 2.0
QUANTILE = 0.999
FLOOR = 1e-9
"""No threshold lies lower: what reproduces its history exactly must still tell equal from unequal."""
ALONE = 0.8
"""One error sets the threshold where the rest would give less than this share of it."""


class Threshold(NamedTuple):
    """Where alarms begin, in reconstruction error."""

    value: float
    alone: bool
    """Whether one single window sets it."""


def dbscan(values: Floats, eps: float, min_samples: int) -> Ints:
    """(value,) the cluster of each number, -1 for noise: exactly DBSCAN (Ester et al. 1996) in one dimension.

    Clusters are numbered by their first core point; a border point of two belongs to the lower number.
    """
    order = np.argsort(values, kind="stable")
    x = values[order]
    reach = np.searchsorted(x, x + eps, side="right") - np.searchsorted(x, x - eps, side="left")
    cores = np.flatnonzero(reach >= min_samples)
    labels = np.full(len(values), -1, np.int64)
    if not len(cores):
        return labels
    run = np.concatenate([[0], np.cumsum(np.diff(x[cores]) > eps)])
    first = np.full(run[-1] + 1, len(values))
    np.minimum.at(first, run, order[cores])
    number = np.argsort(np.argsort(first))[run]
    left = np.searchsorted(cores, np.arange(len(x)), side="right") - 1
    for beside in (left, left + 1):
        near = np.clip(beside, 0, len(cores) - 1)
        joined = np.abs(x - x[cores[near]]) <= eps
        now = labels[order]
        better = joined & ((now < 0) | (number[near] < now))
        labels[order[better]] = number[near][better]
    return labels


def by_dbscan(errors: Floats) -> float:
    """Twice the largest error among clusters of over 5 % of all; eps is the 99th percentile of the errors."""
    eps = float(np.percentile(errors, EPS_PERCENTILE))
    labels = dbscan(errors, eps, MIN_SAMPLES)
    sizes = np.bincount(labels + 1, minlength=2)[1:]
    kept = np.flatnonzero(sizes > LEAST_SHARE * len(errors))
    inside = np.isin(labels, kept)
    return FACTOR * float(errors[inside].max() if inside.any() else errors.max())


def by_quantile(errors: Floats) -> float:
    """The 99.9th percentile of the errors."""
    return float(np.quantile(errors, QUANTILE))


def threshold(errors: Floats, rule: str) -> Threshold:
    """The threshold that validation errors (at least one) give by the rule `dbscan` or `quantile`."""
    give = by_dbscan if rule == "dbscan" else by_quantile
    value = max(give(errors), FLOOR)
    if len(errors) < 2:
        return Threshold(value, True)
    without = np.delete(errors, int(np.argmax(errors)))
    return Threshold(value, give(without) < ALONE * value)
