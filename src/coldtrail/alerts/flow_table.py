"""Judged flows, as far as alerts need them: what was anomalous by cause, and how many runs there were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coldtrail.alerts.changes import Change
from coldtrail.alerts.contradictions import Contradictory
from coldtrail.alerts.groups import Group, groups_of
from coldtrail.alerts.parts import Causes, Part, part_of
from coldtrail.alerts.several import Several
from coldtrail.records.finding import FindingKey
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Verdict
from coldtrail.verdicts.contradicting import contradicts, without_contradictions

Versions = Mapping[FunctionKey, frozenset[str]]
"""By function, the versions that were learned."""


@dataclass
class Held:
    """All that a table holds, as it is stored."""

    runs: dict[FunctionKey, int] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    """Of flows in which one cause alarms."""
    several: Several = field(default_factory=Several)
    changes: dict[tuple[FunctionKey, str], Change] = field(default_factory=dict)
    """By function and version."""
    contradictory: list[Part] = field(default_factory=list)
    """Of flows whose documents contradict each other."""


class FlowTable:
    """Takes judged flows in any order, and tells the groups of all that came so far."""

    def __init__(self, versions: Versions, held: Held | None = None) -> None:
        held = held or Held()
        self._versions = versions
        self._runs, self._several, self._changes = held.runs, held.several, held.changes
        self._causes = Causes(held.parts)
        self._contradictory = Contradictory(held.contradictory)

    @property
    def held(self) -> Held:
        """All that is held."""
        parts, contradictory = self._causes.parts.values(), self._contradictory.parts.values()
        return Held(self._runs, list(parts), self._several, self._changes, list(contradictory))

    def add(self, verdict: Verdict, flow: Flow) -> None:
        """Adds a flow."""
        self.count(flow.key, flow.version)
        if verdict.verdict == "anomalous":
            self.add_counted(verdict, flow)
        if contradicts(verdict):
            self.add_contradictory(verdict, flow)

    def count(self, whose: FunctionKey, version: str | None, runs: int = 1) -> None:
        """Counts runs of a version, which is all that is needed of normal ones."""
        self._runs[whose] = self._runs.get(whose, 0) + runs
        change = self._change(whose, version)
        if change is not None:
            change.runs += runs

    def add_counted(self, verdict: Verdict, flow: Flow) -> None:
        """Adds an anomalous flow that was counted, as far as more is strange than contradictions."""
        rest = without_contradictions(verdict)
        if verdict.reasons and not rest.reasons:
            return
        verdict = rest
        change = self._change(flow.key, flow.version)
        if change is None:
            self._add_strange(verdict, flow)
        else:
            change.add(verdict, flow)

    def add_contradictory(self, verdict: Verdict, flow: Flow) -> None:
        """Adds a flow whose documents contradict each other."""
        self._contradictory.add(verdict, flow)

    def _change(self, whose: FunctionKey, version: str | None) -> Change | None:
        """What runs of the version show, where it was never learned, and others were."""
        known = self._versions.get(whose)
        if not known or version is None or version in known:
            return None
        return self._changes.setdefault((whose, version), Change())

    def _add_strange(self, verdict: Verdict, flow: Flow) -> None:
        leading = part_of(verdict, flow, verdict.reasons)
        parts: dict[FindingKey, Part] = {leading.cause: leading}
        for reason in verdict.reasons:
            if reason.kind == "new_resource" and reason.contribution > verdict.threshold:
                parts.setdefault(reason.finding.key, part_of(verdict, flow, [reason]))
        self._several.add(parts)
        if len(parts) == 1:
            self._causes.add(leading)

    def groups(self) -> list[Group]:
        """The groups of the anomalous flows; each flow is in exactly one, in whatever order they came."""
        causes = self._causes.copied()
        changes: list[Group] = []
        for (whose, version), change in self._changes.items():
            group, beyond = change.parted(whose, version)
            changes += [group] if group else []
            for part in beyond:
                causes.add(part)
        for part in self._several.parted():
            causes.add(part)
        return changes + groups_of(causes.parts.values(), self._runs) + self._contradictory.groups()
