"""Durations as Lambda reports and bills them."""

import math

from coldtrail_testbed.facts import FunctionRun


def rounded_ms(seconds: float) -> float:
    """Milliseconds with two places, as in the reports."""
    return round(seconds * 1000, 2)


def billed_ms(run: FunctionRun) -> int:
    """Whole milliseconds that are paid: the duration and, since August 2025, the Init phase before it.

    After "AWS Lambda standardizes billing for INIT Phase" (AWS compute blog, April 2025).
    """
    return math.ceil(round(rounded_ms(run.duration_s) + rounded_ms(run.init_s or 0), 2))
