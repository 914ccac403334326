"""Runs of which the telemetry contradicts itself, put together by the function that is most likely meant.

Who forges documents may name any functions in them: functions of one trace that contradicts itself belong
together, and where many are touched all are told as one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from coldtrail.alerts.groups import Group
from coldtrail.alerts.parts import Part, sighting_of
from coldtrail.records.contradiction import CONTRADICTION
from coldtrail.records.finding import FindingKey
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Verdict
from coldtrail.verdicts.causes import MOST_CAUSES

SEVERAL = "contradictions"
"""How it is told of several functions at once."""


class Contradictory:
    """Takes flows whose documents contradict each other in any order."""

    def __init__(self, parts: Iterable[Part] = ()) -> None:
        self.parts = {part.cause: part for part in parts}

    def add(self, verdict: Verdict, flow: Flow) -> None:
        """Adds a flow."""
        cause = FindingKey(*verdict.key, CONTRADICTION)
        reason = next(one for one in verdict.reasons if one.kind == CONTRADICTION)
        sightings = [sighting_of(verdict, flow)]
        part = Part(cause, reason, "", False, verdict, flow, sightings, {CONTRADICTION})
        known = self.parts.setdefault(cause, part)
        if known is not part:
            known.take_in(part)

    def groups(self) -> list[Group]:
        """One for each function; one for all of an application, or of everything, where they are many."""
        alone = [_one(FindingKey(*parts[0].cause.whose, CONTRADICTION), parts) for parts in self._by_trace()]
        by_application: dict[FindingKey, list[Group]] = defaultdict(list)
        for group in alone:
            by_application[FindingKey(*group.cause.whose.application_key, "", CONTRADICTION)].append(group)
        fewer = [one for cause, groups in by_application.items() for one in _at_most(cause, groups)]
        return _at_most(FindingKey(*FunctionKey("", "", "", ""), CONTRADICTION), fewer)

    def _by_trace(self) -> list[list[Part]]:
        """The parts, those that tell of one trace together: first the function that was learned."""
        of_trace: dict[str, FindingKey] = {}
        leads: dict[FindingKey, FindingKey] = {cause: cause for cause in self.parts}

        def lead(cause: FindingKey) -> FindingKey:
            while leads[cause] != cause:
                leads[cause] = cause = leads[leads[cause]]
            return cause

        for cause, part in self.parts.items():
            for trace in part.traces:
                leads[lead(cause)] = lead(of_trace.setdefault(trace, cause))
        together: dict[FindingKey, list[Part]] = defaultdict(list)
        for cause, part in self.parts.items():
            together[lead(cause)].append(part)
        return [sorted(parts, key=_likeliest) for parts in together.values()]


def _likeliest(part: Part) -> tuple[bool, float, FindingKey]:
    """Puts first what was judged, then the strangest."""
    return part.verdict.verdict == "not_ready", -part.verdict.score, part.cause


def _at_most(cause: FindingKey, groups: Sequence[Group]) -> list[Group]:
    if len(groups) <= MOST_CAUSES:
        return list(groups)
    return [_one(cause, sorted([part for group in groups for part in group.parts], key=_likeliest))]


def _one(cause: FindingKey, parts: list[Part]) -> Group:
    return Group(cause, parts, [sighting for part in parts for sighting in part.sightings])
