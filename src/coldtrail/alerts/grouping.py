"""Anomalous flows put together by cause: what one person looks at once is one group.

Flows of one function and cause are one group. Beyond `MOST_CAUSES`, the causes of one kind are told together:
a function that writes to a new bucket each time has one trouble, not fifty. Runs that a group's own calls
started join it. Steps left out at random in several functions are one group, a gap in the telemetry.
What most runs of a version never learned do is one group, the change; what fewer than half
of them do (a resource never met: fewer than nine in ten), and what goes beyond the change in any of them,
stands by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from coldtrail.alerts.lost_calls import lost_calls
from coldtrail.alerts.parts import Causes, Part, part_of, strangeness_of
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Verdict
from coldtrail.verdicts.causes import MOST_CAUSES, Cause, cause_of, is_change

Versions = Mapping[FunctionKey, frozenset[str]]
"""By function, the versions that were learned."""
GAP = "gap"
"""The kind of what the loss of telemetry explains."""
_NEW = ("new_resource", "new_action", "new_event")


@dataclass
class Group:
    """What is told as one alert."""

    cause: Cause
    parts: list[Part]
    """The leading one first; of a change, what is new in most of its runs."""
    sightings: list[tuple[float, str]]
    started: list[Part] = field(default_factory=list)
    """Flows of other functions that calls of this group started."""
    version: str | None = None
    """Of a change, the version never learned."""
    runs: int = 0
    """Of a change, all runs of the version."""
    shown: list[int] = field(default_factory=list)
    """Of a change, how many runs show each part."""


def groups_from(pairs: Iterable[tuple[Verdict, Flow]], versions: Versions | None = None) -> list[Group]:
    """The groups of the anomalous flows; each is in exactly one, and the order of pairs does not matter."""
    causes = Causes()
    several = _Several(causes)
    changes: dict[tuple[FunctionKey, str], _Change] = defaultdict(_Change)
    runs: Counter[FunctionKey] = Counter()
    for verdict, flow in pairs:
        whose = flow.key
        runs[whose] += 1
        version = _version_not_learned(flow, (versions or {}).get(whose))
        if version is not None:
            changes[whose, version].add(verdict, flow)
        elif verdict.verdict == "anomalous":
            several.add(verdict, flow)
    groups = []
    for (whose, version), change in changes.items():
        group, beyond = change.parted(whose, version)
        groups += [group] if group else []
        for part in beyond:
            causes.add(part)
    for part in several.parted():
        causes.add(part)
    lost = [_lost(parts) for parts in lost_calls(causes.parts.values(), runs)]
    gone = {part.cause for group in lost for part in group.parts}
    rest = [part for part in causes.parts.values() if part.cause not in gone]
    return groups + lost + _together(_with_started(rest))


def _lost(parts: list[Part]) -> Group:
    """What the loss of telemetry explains in an application."""
    cause = Cause(*parts[0].cause.whose.application_key, "", GAP, "", "")
    return Group(cause, parts, [sighting for part in parts for sighting in part.sightings])


def _version_not_learned(flow: Flow, known: frozenset[str] | None) -> str | None:
    return flow.version if known and flow.version is not None and flow.version not in known else None


class _Several:
    """Flows in which several causes alarm, each told by the rarest: what is frequent hides nothing."""

    def __init__(self, causes: Causes) -> None:
        self.causes = causes
        self.shown: Counter[Cause] = Counter()
        self.alike: dict[tuple[Cause, ...], dict[Cause, Part]] = {}
        """By the causes that alarm, the leading one first, the flows as each cause would tell them."""

    def add(self, verdict: Verdict, flow: Flow) -> None:
        leading = part_of(verdict, flow, verdict.reasons)
        parts = {leading.cause: leading}
        for reason in verdict.reasons:
            if reason.kind == "new_resource" and reason.contribution > verdict.threshold:
                parts.setdefault(cause_of(verdict, reason), part_of(verdict, flow, [reason]))
        self.shown.update(parts.keys())
        if len(parts) == 1:
            self.causes.add(leading)
            return
        known = self.alike.setdefault(tuple(parts), parts)
        if known is not parts:
            for cause, part in parts.items():
                known[cause].take_in(part)

    def parted(self) -> list[Part]:
        """One part for each set of causes."""
        return [min(parts.values(), key=lambda one: self.shown[one.cause]) for parts in self.alike.values()]


class _Change:
    """The flows of one version never learned."""

    def __init__(self) -> None:
        self.runs = 0
        self.shown: Counter[Cause] = Counter()
        self.alike: dict[frozenset[Cause], tuple[Verdict, Flow]] = {}
        """By what they show, the strangest flow."""
        self.sightings: dict[frozenset[Cause], list[tuple[float, str, str]]] = defaultdict(list)

    def add(self, verdict: Verdict, flow: Flow) -> None:
        self.runs += 1
        if verdict.verdict != "anomalous":
            return
        causes = frozenset(cause_of(verdict, reason) for reason in verdict.reasons)
        self.shown.update(causes)
        self.sightings[causes].append(
            (verdict.start_time, verdict.function_flow_id, verdict.application_flow_id)
        )
        known = self.alike.get(causes)
        if known is None or strangeness_of(verdict) < strangeness_of(known[0]):
            self.alike[causes] = (verdict, flow)

    def parted(self, whose: FunctionKey, version: str) -> tuple[Group | None, list[Part]]:
        """What most runs show, if any, and the parts beyond it."""
        usual = {cause for cause, number in self.shown.items() if is_change(cause, number, self.runs)}
        beyond: list[Part] = []
        within: list[Part] = []
        for causes, (verdict, flow) in self.alike.items():
            rest = [reason for reason in verdict.reasons if cause_of(verdict, reason) not in usual]
            alarming = sum(reason.contribution for reason in rest) > verdict.threshold
            is_beyond = alarming or not usual & causes
            part = part_of(verdict, flow, rest if is_beyond else verdict.reasons)
            part.sightings = [(start, flow_id) for start, flow_id, _ in self.sightings[causes]]
            part.traces = {trace for _, _, trace in self.sightings[causes]}
            (beyond if is_beyond else within).append(part)
        if not within:
            return None, beyond
        cause = Cause(*whose, "change", "", version)
        sightings = [sighting for part in within for sighting in part.sightings]
        parts = self._parts_of(usual, within)
        shown = [self.shown[part.cause] for part in parts]
        return Group(cause, parts, sightings, version=version, runs=self.runs, shown=shown), beyond

    def _parts_of(self, usual: set[Cause], within: list[Part]) -> list[Part]:
        """One part for each cause that most runs show, as the strangest run that shows it tells it."""
        out: dict[Cause, Part] = {}
        for part in sorted(within, key=lambda one: one.strangeness):
            for reason in part.verdict.reasons:
                one = part_of(part.verdict, part.shown_flow, [reason])
                if one.cause in usual:
                    out.setdefault(one.cause, one)
        return sorted(out.values(), key=lambda one: (-self.shown[one.cause], one.strangeness, one.cause))


def _with_started(parts: Iterable[Part]) -> list[Group]:
    """A group for each part; parts that say that a run was started join the one whose calls started it."""
    callers: dict[str, list[Group]] = defaultdict(list)
    groups, woken = [], []
    for part in parts:
        if part.cause.kind == "trigger":
            woken.append(part)
            continue
        group = Group(part.cause, [part], part.sightings)
        groups.append(group)
        if part.cause.kind in _NEW and part.cause.target:
            callers[part.cause.target].append(group)
    for part in sorted(woken, key=lambda one: one.cause):
        by_trace = [(len(part.traces & one.parts[0].traces), one) for one in callers[_started_by(part)]]
        number, caller = max(by_trace, key=lambda found: (found[0], found[1].cause), default=(0, None))
        if caller is None or 2 * number < len(part.traces):
            groups.append(Group(part.cause, [part], part.sightings))
        else:
            caller.started.append(part)
            caller.sightings = caller.sightings + part.sightings
    return groups


def _started_by(part: Part) -> str:
    """The name of the resource that started the runs: the last word of `AWS::SNS BookingTopic`."""
    return part.cause.target.rpartition(" ")[2]


def _together(groups: list[Group]) -> list[Group]:
    """The groups, those of one function and kind as one where there are too many."""
    kinds: dict[tuple[FunctionKey, str], list[Group]] = defaultdict(list)
    for group in groups:
        kinds[group.cause.whose, group.cause.kind].append(group)
    out: list[Group] = []
    for (whose, kind), alike in kinds.items():
        out += alike if len(alike) <= MOST_CAUSES else [_one(Cause(*whose, kind, "", ""), alike)]
    return out


def _one(cause: Cause, groups: list[Group]) -> Group:
    parts = sorted((part for group in groups for part in group.parts), key=lambda one: one.strangeness)
    sightings = [sighting for group in groups for sighting in group.sightings]
    return Group(cause, parts, sightings, [part for group in groups for part in group.started])
