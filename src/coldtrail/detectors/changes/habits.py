"""What one function, and one application, usually sees of changes."""

from __future__ import annotations

from msgspec import Struct, field

from coldtrail.detectors.changes.actors import DAY_S

_MOST_DEPLOYERS = 6
_MOST_KINDS = 20
_MOST_EXTENSIONS = 12
_READY_DAYS = 3


class Habits(Struct, array_like=True):
    """Of a function or an application."""

    first: float
    deployers: dict[str, int] = field(default_factory=dict)
    """Who usually changes it, with the days on which he did."""
    kinds: dict[str, int] = field(default_factory=dict)
    last_change: float = 0.0
    """By somebody who usually makes changes."""
    role: str = ""
    day: int = -1
    """The last on which the platform reported of it."""
    report_days: int = 0
    extensions: dict[str, int] = field(default_factory=dict)
    new_extensions: int = 0

    def changed(self, actor: str, kinds: set[str], at: float) -> None:
        """Somebody made changes, as he may."""
        if at // DAY_S != self.last_change // DAY_S or actor not in self.deployers:
            count = self.deployers.pop(actor, 0) + 1
            if len(self.deployers) >= _MOST_DEPLOYERS:
                # The insertion order is that of the last use.
                del self.deployers[min(self.deployers, key=self.deployers.__getitem__)]
            self.deployers[actor] = count
        for kind in sorted(kinds):
            if kind in self.kinds or len(self.kinds) < _MOST_KINDS:
                self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.last_change = max(self.last_change, at)

    def reported(self, at: float) -> None:
        """The platform reported of it."""
        day = int(at // DAY_S)
        if day != self.day:
            self.day = day
            self.report_days += 1

    def knows_extensions(self) -> bool:
        """Whether a new extension is strange: enough was reported, and they do not change all the time."""
        return self.report_days > _READY_DAYS and self.new_extensions <= 2 + self.report_days // 10

    def extended(self, name: str) -> None:
        """An extension registered itself."""
        if name not in self.extensions:
            self.new_extensions += 1
            if len(self.extensions) >= _MOST_EXTENSIONS:
                del self.extensions[next(iter(self.extensions))]
            self.extensions[name] = 0
        self.extensions[name] += 1
