"""What is held of one measure of one version of a function."""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.resources.table import Table

HOUR = ("hour_n", "most")
"""Of the hour that runs: how many values, and the largest of their deviations from the baseline."""
HOURS = ("n", "sum", "squares", "total")
"""Of the hour that runs, or of several with few values: how many, and of their deviations the sum and the sum
of the squares (each cut off where it is far) and the whole sum."""
TOP = ("top", "day_top")
"""The largest of these deviations, of these hours and of the day that runs."""
RECENT = ("recent_n", "recent_sum", "recent_doubt", "recent_hours")
"""Of the last hours, each with less weight the longer ago it is: values and their deviations, and what makes
the variance of their mean: the sums of squared weights of values, and of hours."""
DAY = ("day_n", "day_sum", "day_squares", "day_total", "day_hours", "day_spread")
"""Of the day that runs, or of several days with few values; at last hours, and the sum over them of the
squared deviations of their means."""
USUAL = (
    "days",
    "calls",
    "mean",
    "doubt",
    "new_days",
    "within",
    "between_hours",
    "between_days",
    "worst_call",
    "worst_hour",
    "worst_day",
)
"""The baseline, from so many days with so many values: the mean of the logarithm and the variance of what is
not known of it; for how many days the version counts as new; variances of values, of the means of hours and
of those of days; the highest z of each."""
DRIFT = ("fast", "slow", "last", "steps", "lag", "wander", "shaken", "settling")
"""Means with short and long memory, the last day's level, half the mean squared step between days; by how
much days usually lie above the short mean, and the variance of that; the variance that releases left in the
distance of the two means; and the days that a release still takes to show its level."""
SAID = ("told", "told_day", "released", "peak_day", "told_drift")
"""The effect that was told and lasts, the last day that was strange, the effect that was told of a new
version, the day of the last single value that was told, and how far a drift had come when it was."""


def columns() -> Table:
    """An empty table of all of these."""
    sums = dict.fromkeys((*HOUR, *HOURS, *TOP, *DAY), np.float64)
    return Table({**sums, **dict.fromkeys((*RECENT, *USUAL, *DRIFT, *SAID), np.float32)})


INHERITED = (*USUAL, *DRIFT)
"""What a new version takes over from the one before."""
