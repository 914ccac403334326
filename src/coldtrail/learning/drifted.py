"""Says which functions have drifted far from where they were when they were first learned."""

from __future__ import annotations

from coldtrail.alerts.showing.plain import short
from coldtrail.alerts.wording.amounts import duration, moment, number, share
from coldtrail.bundle.model import Model
from coldtrail.detectors.drift.baselines import Level
from coldtrail.detectors.drift.readings import (
    CALLERS,
    CALLS,
    DURATION,
    ERRORS,
    OWN_TIME,
    PATHS,
    RARE_PATHS,
    RATE,
    STEP_TIME,
)

FAR = 1.5
"""Times as much as at first."""
FAR_SHARE = 0.1
"""Of the runs, more than at first."""
MOST_TOLD = 5
_WHAT = {
    DURATION: "its runs take",
    OWN_TIME: "its own code takes",
    STEP_TIME: "a step of it takes",
    CALLS: "its runs make",
    ERRORS: "its failed runs are",
    PATHS: "one way of running is",
    RARE_PATHS: "its rare ways of running are",
    CALLERS: "one caller's runs are",
    RATE: "it runs",
}
_SHARES = (ERRORS, PATHS, RARE_PATHS, CALLERS)


def drifted(model: Model) -> list[str]:
    """A sentence for each function and measure that has moved far, over however many updates."""
    if model.shifts is None:
        return []
    words = model.vocabulary.functions
    far = [(key, level) for key, level in sorted(model.shifts.levels.items()) if _is_far(key[1], level)]
    out = [
        f"{short(words[function].function)} has drifted: {_WHAT[measure]} {_amount(measure, level.after)}, "
        f"where it was {_amount(measure, level.before)} when it was first learned (told since "
        f"{moment(level.since)} UTC). What is learned meanwhile makes ever more of it usual: if nobody knows "
        "why, train on telemetry from before."
        for (function, measure, _), level in far[:MOST_TOLD]
    ]
    return [*out, f"{len(far) - MOST_TOLD:,} more have drifted as far."] if len(far) > MOST_TOLD else out


def _is_far(measure: int, level: Level) -> bool:
    if measure in _SHARES:
        return level.after >= level.before + FAR_SHARE
    return level.after >= FAR * level.before


def _amount(measure: int, amount: float) -> str:
    if measure in (DURATION, OWN_TIME, STEP_TIME):
        return duration(amount)
    if measure in _SHARES:
        return f"{share(amount)} of all"
    return f"{number(amount)} steps" if measure == CALLS else f"{number(amount)} times an hour"
