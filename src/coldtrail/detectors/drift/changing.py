"""Baselines changed by a person, who says that a shift is no cause for worry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import exp, log

from coldtrail.detectors.drift.baselines import RARE, Baseline, Groups, ShiftBaselines
from coldtrail.detectors.drift.effects import Effect, middle
from coldtrail.detectors.drift.readings import CALLERS, CALLS, DURATION, ERRORS, OWN_TIME, RATE


def accepted(baselines: ShiftBaselines, function: int, measure: int, effect: Effect) -> ShiftBaselines:
    """Baselines to which a shift is how the function runs from now on: neither it nor its return is told
    again."""
    known = baselines.functions.get(function)
    if known is None:
        return baselines
    return replace(baselines, functions={**baselines.functions, function: _moved(known, measure, effect)})


def moved(known: Baseline, effects: Mapping[int, Effect]) -> Baseline:
    """A baseline to which shifts of several measures, by their numbers, are how the function runs."""
    longer, own = effects.get(DURATION), effects.get(OWN_TIME)
    if longer is not None and own is not None and longer.before > 0:
        rise = log(longer.after / longer.before) if longer.after > 0 else 0.0
        known = replace(known, groups=_slower(known.groups, rise, own.after - own.before))
        effects = {key: one for key, one in effects.items() if key not in (DURATION, OWN_TIME)}
    for measure, effect in effects.items():
        known = _moved(known, measure, effect)
    return known


def _moved(known: Baseline, measure: int, effect: Effect) -> Baseline:
    before, after = effect.before, effect.after
    ratio = after / before if before > 0 else 1.0
    if measure == DURATION:
        return replace(known, groups=_slower(known.groups, log(ratio), 0.0))
    if measure == OWN_TIME:
        return replace(known, groups=_slower(known.groups, None, after - before))
    if measure == CALLS:
        return replace(known, calls=tuple(number * ratio for number in known.calls))
    if measure == ERRORS:
        return replace(known, errors=after * known.runs)
    if measure == RATE:
        gaps = {
            caller: (stride, tuple(gap - log(ratio) for gap in grid))
            for caller, (stride, grid) in known.gaps.items()
        }
        return replace(known, gaps=gaps, a_day=known.a_day * ratio)
    if measure == CALLERS:
        return replace(known, callers=_with_share(known.callers, known.runs, effect))
    return replace(known, paths=_with_share(known.paths, known.runs, effect))


def _slower(groups: Groups, rise: float | None, seconds: float) -> Groups:
    """Groups whose log durations have risen, by as much as these seconds explain where no rise is given."""
    out: Groups = {}
    for path, (runs, durations, own_times) in groups.items():
        usual = exp(middle(durations))
        added = log((usual + max(seconds, 0.0)) / usual) if rise is None else rise
        moved = tuple(value + added for value in durations)
        out[path] = (runs, moved, tuple(value + seconds for value in own_times))
    return out


def _with_share(counts: Mapping[int, float], runs: float, effect: Effect) -> dict[int, float]:
    """Counts in which the shift's kind has the share that it has now."""
    share = min(effect.after, 0.9)
    others = runs - counts.get(effect.kind, 0.0) if effect.kind != RARE else runs
    return {**counts, effect.kind: max(others, 1.0) * share / (1 - share)}
