"""Flows in which several causes alarm, each told by the rarest: what is frequent hides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from coldtrail.alerts.parts import Part
from coldtrail.records.finding import FindingKey

_VAGUE = "duration"
"""Tells no flow in which another cause is as rare: anybody who can forge a time can make it lead."""


@dataclass
class Several:
    """Flows by the causes that alarm in them."""

    shown: dict[FindingKey, int] = field(default_factory=dict)
    """How many flows show each cause, those in which no other alarms among them."""
    alike: dict[tuple[FindingKey, ...], dict[FindingKey, Part]] = field(default_factory=dict)
    """By the causes that alarm, the leading one first, the flows as each cause would tell them."""

    def add(self, parts: dict[FindingKey, Part]) -> None:
        """Adds a flow as each of the causes that alarm in it would tell it, the leading one first."""
        for cause in parts:
            self.shown[cause] = self.shown.get(cause, 0) + 1
        if len(parts) == 1:
            return
        known = self.alike.setdefault(tuple(parts), parts)
        if known is not parts:
            for cause, part in parts.items():
                known[cause].take_in(part)

    def parted(self) -> Iterable[Part]:
        """One part for each set of several causes."""
        for parts in self.alike.values():
            rarest = min(parts.values(), key=lambda one: (self.shown[one.cause], one.cause.kind == _VAGUE))
            yield rarest.copied()
