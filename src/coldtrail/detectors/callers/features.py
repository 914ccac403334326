"""What is looked at of who calls, and what each of it is usually like."""

from __future__ import annotations

from typing import NamedTuple

from coldtrail.records.traits import TraitKind

WHO, NETWORK, COUNTRY, TOOL, MANNER, HOUR = range(6)
"""Who calls; from which network, or address where none is told; from which country; by which program; by
which operation, or in which way an invocation is started; and when in the week."""
FEATURES = 6


class Kind(NamedTuple):
    """What is kept and expected of a feature."""

    most: int
    """Values that are kept of each subject."""
    new_a_day: float
    """How often an active day brings a value that its subject never showed, before that is measured."""
    most_score: float
    """More than so much none of it weighs."""


OF_FUNCTION = (
    Kind(24, 0.02, 3.0),
    Kind(32, 0.03, 3.0),
    Kind(16, 0.004, 3.0),
    Kind(12, 0.02, 3.0),
    Kind(4, 0.02, 2.0),
    Kind(48, 0.1, 0.8),
)
OF_PRINCIPAL = (
    Kind(0, 0.02, 0.0),
    Kind(24, 0.03, 3.0),
    Kind(12, 0.004, 3.0),
    Kind(12, 0.02, 3.0),
    Kind(64, 0.1, 3.0),
    Kind(48, 0.1, 0.8),
)
OF_ACCOUNT = (
    Kind(512, 0.1, 2.0),
    Kind(256, 0.1, 3.0),
    Kind(64, 0.01, 3.0),
    Kind(32, 0.02, 3.0),
    Kind(512, 0.1, 2.0),
    Kind(48, 0.02, 0.0),
)


class Told(NamedTuple):
    """A value of a feature, as it is told."""

    what: TraitKind
    value: str


class Sighting(NamedTuple):
    """One call, as far as it tells of who calls."""

    at: float
    told: tuple[Told | None, ...]
    """By feature; None for what it does not tell."""
    ref: str
    principal: str | None = None
    access_key: str | None = None

    @property
    def hour(self) -> int:
        """Since the epoch."""
        return int(self.at // 3_600)

    @property
    def day(self) -> int:
        """Since the epoch."""
        return int(self.at // 86_400)
