"""One score of a detector: what it is called, the scale it is in, and whether it may alarm by itself."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Scale = Literal["nats", "bans", "ratio", "amount"]
"""`nats` and `bans`: minus the natural, or decimal, logarithm of a chance. `ratio`: a multiple of a threshold
that the detector learned. `amount`: only how scores rank is known."""

Family = Literal["path", "time", "name", "start", "model"]
"""What evidence is of: the order and number of steps, how long they take, what they touch, what started the
run, or what a model makes of all of it."""


class Channel(Struct, frozen=True):
    """A column of a detector's scores, in which higher is stranger.

    Raises ValueError for an `amount` or `nats` that is to alarm by itself: no budget says where.
    """

    name: str
    scale: Scale = "amount"
    alone: bool = False
    """Whether it alarms by itself, however much else is strange in the history: in `bans` where the chance
    lies below the budget, as a `ratio` above 1."""
    family: Family = "model"
    """Which share of the budget it draws on."""

    def __post_init__(self) -> None:
        if self.alone and self.scale not in ("bans", "ratio"):
            raise ValueError(f"a channel in {self.scale} cannot alarm by itself")

    @property
    def is_surprise(self) -> bool:
        """Whether its evidence is never rarer than its own score says."""
        return self.scale == "nats"

    @property
    def alarms_by_chance(self) -> bool:
        """Whether it alarms where its chance lies below the budget."""
        return self.alone and self.scale == "bans"

    @property
    def has_own_threshold(self) -> bool:
        """Whether it alarms above 1 and no budget touches it."""
        return self.alone and self.scale == "ratio"
