"""What a release changes: what most of its runs show, and how often and how long they do.

A step on a resource that the function never touched is how data leave, so nearly all runs must take it before
it is the release's own; of anything else, half of them. That a step is new excuses neither that a run takes
it far more often than the others do, nor that it takes far longer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from coldtrail.alerts.familiar import family_of
from coldtrail.bundle.model import Model
from coldtrail.learning.gate import Held
from coldtrail.learning.habits import LEAST_NAMED, Habits
from coldtrail.records.finding import FindingKey
from coldtrail.records.flow import Flow
from coldtrail.records.verdict import Verdict
from coldtrail.verdicts.causes import NEW_KINDS, is_change
from coldtrail.verdicts.feedback import SLACK, Accepted, is_of_run

LEAST_UNNAMED = 10
"""The same where no version is named, and a change must be told from an accident."""
LEAST_GONE = 20
"""Runs that must lack a step before that alone tells a release that no version names."""
USUAL_TIMES, USUAL_SECONDS = 0.75, 0.5
"""Of the runs that show a thing, the share from which is taken how often, and how long, it comes: loops turn
unevenly."""
LATE_S = 1.0
"""A new step may always take so much longer than it usually does: a service's latency is the service's."""
ROUNDS = 5
"""Times that a release is judged again, since a verdict names no more than the first of its reasons."""


@dataclass(frozen=True)
class Change:
    """What is new in a release; no cause where there is no release."""

    accepted: tuple[Accepted, ...] = ()
    """By cause, with how often, or how long, it may come."""
    longest: tuple[float, ...] = ()
    """Seconds that each may take in a run."""
    since: float = inf
    """Start of the first run that shows it, UTC epoch seconds."""

    @property
    def causes(self) -> list[FindingKey]:
        """The new causes, in order."""
        return [one.cause for one in self.accepted]

    def parted(self, model: Model, flagged: Sequence[Held]) -> tuple[list[Held], list[Held]]:
        """The flagged flows that are normal but for the change, and the others."""
        if not self.accepted:
            return [], list(flagged)
        within: list[Held] = []
        beyond: list[Held] = []
        for one, verdict in zip(flagged, self.judged(model, flagged), strict=True):
            (flow,) = model.vocabulary.naming.folded([one.flow])
            fits = verdict.verdict == "normal" and flow.start_time >= self.since and self._is_in_time(flow)
            (within if fits else beyond).append(one)
        return within, beyond

    def judged(self, model: Model, flagged: Sequence[Held]) -> list[Verdict]:
        """The verdicts of a model that takes the change for legitimate."""
        lenient = replace(model, feedback=model.feedback.accepting(list(self.accepted)))
        return lenient.judge([one.flow for one in flagged])

    def _is_in_time(self, flow: Flow) -> bool:
        """Whether no new step takes far longer than in other runs; its time is judged nowhere else."""
        pairs = zip(self.accepted, self.longest, strict=True)
        return all(_seconds(flow, one.cause) <= most for one, most in pairs if one.cause.kind in NEW_KINDS)


def change_of(
    model: Model, flagged: Sequence[Held], starts: Sequence[float], version: str | None, habits: Habits
) -> Change:
    """What most runs of a version show, or all explain; `starts` are those of all its runs, in order."""
    shown: list[set[FindingKey]] = [set() for _ in flagged]
    verdicts = [one.verdict for one in flagged]
    flows = model.vocabulary.naming.folded([one.flow for one in flagged])
    change = Change()
    for _ in range(ROUNDS):
        for causes, verdict in zip(shown, verdicts, strict=True):
            causes |= {reason.finding.key for reason in verdict.reasons}
        _add_lacking(flows, shown)
        begins = _begins(flagged, shown, starts, version, habits)
        if begins.keys() == set(change.causes):
            break
        change = _bounded(model, flagged, shown, begins)
        verdicts = change.judged(model, flagged)
    if version is None and not any(_tells_a_release(one, shown, habits, change) for one in change.causes):
        return Change()
    return change


def _add_lacking(flows: Sequence[Flow], shown: Sequence[set[FindingKey]]) -> None:
    """Adds to what runs show each step that some of them are told to lack, and they lack as well.

    Whether a run is told to lack a step depends on what else it does; a release drops it from all.
    """
    missing = {cause for causes in shown for cause in causes if cause.kind == "omission"}
    for flow, causes in zip(flows, shown, strict=True):
        causes |= {one for one in missing if not any(one.is_of(event) for event in flow.events)}


def _tells_a_release(
    cause: FindingKey, shown: Sequence[set[FindingKey]], habits: Habits, change: Change
) -> bool:
    """Whether a cause tells a release where no version does: a new step, or one that most runs lack, or that
    none takes as it was taken before."""
    runs = sum(cause in causes for causes in shown)
    if cause.kind == "omission":
        return runs >= LEAST_GONE or habits.dropped(cause, change.since)
    return cause.kind in NEW_KINDS


def _begins(
    flagged: Sequence[Held],
    shown: Sequence[set[FindingKey]],
    starts: Sequence[float],
    version: str | None,
    habits: Habits,
) -> dict[FindingKey, float]:
    """The causes that enough runs show, each with the start of the first.

    Objects of one bucket, and names of one family, count together where they have a new name each time: where
    one of them is what enough runs show, the others are not.
    """
    own = _often(flagged, shown, starts, version, habits)
    in_families = [{family_of(cause) for cause in causes} for causes in shown]
    families = _often(flagged, in_families, starts, version, habits)
    constant = {family_of(cause) for cause in own}
    varying = {cause for causes in shown for cause in causes if family_of(cause) not in constant}
    return own | {cause: families[family_of(cause)] for cause in varying if family_of(cause) in families}


def _often(
    flagged: Sequence[Held],
    shown: Sequence[set[FindingKey]],
    starts: Sequence[float],
    version: str | None,
    habits: Habits,
) -> dict[FindingKey, float]:
    """What enough runs show, or the habits of all explain, with the start of the first."""
    often: dict[FindingKey, list[float]] = {}
    for one, causes in zip(flagged, shown, strict=True):
        for cause in causes:
            often.setdefault(cause, []).append(one.flow.start_time)
    least = LEAST_UNNAMED if version is None else LEAST_NAMED
    found: dict[FindingKey, float] = {}
    for cause, when in often.items():
        begin = starts[0] if version is not None else min(when)
        runs = len(starts) - bisect_left(starts, begin)
        is_usual = len(when) >= least and is_change(cause, len(when), runs)
        if is_usual or habits.explain(cause, [cause in causes for causes in shown], begin):
            found[cause] = begin
    return found


def _bounded(
    model: Model, flagged: Sequence[Held], shown: Sequence[set[FindingKey]], begins: dict[FindingKey, float]
) -> Change:
    flows = model.vocabulary.naming.folded([one.flow for one in flagged])
    accepted, longest = [], []
    for cause in sorted(begins):
        showing = [flow for flow, causes in zip(flows, shown, strict=True) if cause in causes]
        seconds = _usual([_seconds(flow, cause) for flow in showing], USUAL_SECONDS)
        times = _usual([float(len(_steps(flow, cause))) for flow in showing], USUAL_TIMES)
        accepted.append(Accepted(cause, SLACK * (seconds if cause.kind == "duration" else times)))
        longest.append(max(SLACK * seconds, seconds + LATE_S))
    return Change(tuple(accepted), tuple(longest), min(begins.values(), default=inf))


def _usual(values: Sequence[float], share: float) -> float:
    return float(np.quantile(values, share, method="lower"))


def _steps(flow: Flow, cause: FindingKey) -> list[int]:
    """The places of the steps that a cause speaks of."""
    return [i for i, event in enumerate(flow.events) if cause.is_of(event)]


def _seconds(flow: Flow, cause: FindingKey) -> float:
    """The longest that a flow spends in one step that a cause speaks of."""
    own = [flow.own_time] if is_of_run(cause) else [0.0]
    return max(own + [flow.self_times[i] for i in _steps(flow, cause)])
