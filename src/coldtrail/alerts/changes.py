"""What runs of a version never learned show.

What most of them do is one group, the change; what fewer than half of them do (a resource never met: fewer
than nine in ten), and what goes beyond the change in any of them, stands by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from coldtrail.alerts.familiar import family_of
from coldtrail.alerts.groups import Group
from coldtrail.alerts.parts import Part, Sighting, part_of, sighting_of, strangeness_of
from coldtrail.records.finding import FindingKey
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.records.verdict import Verdict
from coldtrail.verdicts.causes import is_change


@dataclass
class Change:
    """The flows of one version never learned."""

    runs: int = 0
    shown: dict[FindingKey, int] = field(default_factory=dict)
    """How many runs show each cause."""
    alike: dict[frozenset[FindingKey], tuple[Verdict, Flow]] = field(default_factory=dict)
    """By what they show, the strangest flow."""
    sightings: dict[frozenset[FindingKey], list[Sighting]] = field(default_factory=dict)

    def add(self, verdict: Verdict, flow: Flow) -> None:
        """Adds an anomalous flow, which `runs` counts already."""
        causes = frozenset(reason.finding.key for reason in verdict.reasons)
        for cause in causes:
            self.shown[cause] = self.shown.get(cause, 0) + 1
        self.sightings.setdefault(causes, []).append(sighting_of(verdict, flow))
        known = self.alike.get(causes)
        if known is None or strangeness_of(verdict) < strangeness_of(known[0]):
            self.alike[causes] = (verdict, flow)

    def parted(self, whose: FunctionKey, version: str) -> tuple[Group | None, list[Part]]:
        """What most runs show, if any, and the parts beyond it."""
        usual = self._usual()
        beyond: list[Part] = []
        within: list[Part] = []
        for causes, (verdict, flow) in self.alike.items():
            rest = [reason for reason in verdict.reasons if reason.finding.key not in usual]
            alarming = sum(reason.contribution for reason in rest) > verdict.threshold
            is_beyond = alarming or not usual.keys() & causes
            part = part_of(verdict, flow, rest if is_beyond else verdict.reasons)
            part.sightings = [*self.sightings[causes]]
            (beyond if is_beyond else within).append(part)
        if not within:
            return None, beyond
        cause = FindingKey(*whose, "change", "", "version", version)
        sightings = [sighting for part in within for sighting in part.sightings]
        parts = self._parts_of(usual, within)
        shown = [usual[part.cause].runs for part in parts]
        return Group(cause, parts, sightings, version=version, runs=self.runs, shown=shown), beyond

    def _usual(self) -> dict[FindingKey, _Usual]:
        """The causes that enough runs show, or of whose family they show another name each time."""
        own = {
            cause: _Usual(cause, number)
            for cause, number in self.shown.items()
            if is_change(cause, number, self.runs)
        }
        constant = {family_of(cause) for cause in own}
        families: Counter[FindingKey] = Counter()
        for causes, sightings in self.sightings.items():
            for family in {family_of(cause) for cause in causes} - constant:
                families[family] += len(sightings)
        varying = {
            cause: _Usual(family_of(cause), families[family_of(cause)])
            for cause in self.shown
            if is_change(cause, families[family_of(cause)], self.runs)
        }
        return varying | own

    def _parts_of(self, usual: Mapping[FindingKey, _Usual], within: list[Part]) -> list[Part]:
        """One part for each cause, or family, that most runs show, as the strangest run that shows it tells
        it."""
        out: dict[FindingKey, Part] = {}
        for part in sorted(within, key=lambda one: one.strangeness):
            for reason in part.verdict.reasons:
                one = part_of(part.verdict, part.shown_flow, [reason])
                if one.cause in usual:
                    out.setdefault(usual[one.cause].told_as, one)
        return sorted(out.values(), key=lambda one: (-usual[one.cause].runs, one.strangeness, one.cause))


class _Usual(NamedTuple):
    """A cause that most runs show."""

    told_as: FindingKey
    """Itself, or its family."""
    runs: int
