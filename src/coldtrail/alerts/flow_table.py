"""Judged flows, as far as alerts need them: what was anomalous by cause, and how many runs there were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coldtrail.alerts.changes import Change
from coldtrail.alerts.groups import Group, groups_of
from coldtrail.alerts.parts import Causes, Part, part_of
from coldtrail.alerts.several import Several
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Verdict
from coldtrail.verdicts.causes import Cause, cause_of

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


class FlowTable:
    """Takes judged flows in any order, and tells the groups of all that came so far."""

    def __init__(self, versions: Versions, held: Held | None = None) -> None:
        held = held or Held()
        self._versions = versions
        self._runs, self._several, self._changes = held.runs, held.several, held.changes
        self._causes = Causes(held.parts)

    @property
    def held(self) -> Held:
        """All that is held."""
        return Held(self._runs, list(self._causes.parts.values()), self._several, self._changes)

    def add(self, verdict: Verdict, flow: Flow) -> None:
        """Adds a flow; of a version that was learned, a normal one is only counted."""
        whose = flow.key
        self._runs[whose] = self._runs.get(whose, 0) + 1
        known = self._versions.get(whose)
        if known and flow.version is not None and flow.version not in known:
            self._changes.setdefault((whose, flow.version), Change()).add(verdict, flow)
        elif verdict.verdict == "anomalous":
            self._add_strange(verdict, flow)

    def _add_strange(self, verdict: Verdict, flow: Flow) -> None:
        leading = part_of(verdict, flow, verdict.reasons)
        parts: dict[Cause, Part] = {leading.cause: leading}
        for reason in verdict.reasons:
            if reason.kind == "new_resource" and reason.contribution > verdict.threshold:
                parts.setdefault(cause_of(verdict, reason), part_of(verdict, flow, [reason]))
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
        return changes + groups_of(causes.parts.values(), self._runs)
