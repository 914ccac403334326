"""What every detector of signals is: it follows functions, callers and credentials over time, learns as it
goes on, and gives signals.

Learning and judging are the same walk: `train` lets a detector see a history and keeps its snapshot; `score`
goes on from that. It sees encounters in the order of time, decides nothing beyond the strength of a signal,
and does no input or output.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from coldtrail.config import BaselineSettings
from coldtrail.records.encounter import Encounter, What
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.stage import State


class SignalDetector(ABC):
    """Encounters in, in the order of time; signals out.

    The law: any cut of the encounters into batches, any choice of `until` between that respects the order,
    and any snapshot and restore in between give the same signals. State is bounded: so much a function, and
    so much for what names itself (principals, addresses), the oldest and least used of which is forgotten.
    """

    name: ClassVar[str]
    """As in the registry, and in `Signal.detector`."""
    sees: ClassVar[tuple[type[What], ...]]
    """The kinds of encounter that it is given; no other is."""

    def __init__(self, settings: BaselineSettings) -> None:
        self.settings = settings

    @abstractmethod
    def see(self, batch: Sequence[Encounter], until: float) -> list[Signal]:
        """What becomes certain: `batch` holds all encounters of these kinds before the event time `until`
        that were not given before, by `at`."""

    def finish(self) -> list[Signal]:
        """What waited for more, and becomes certain as nothing more will come; nothing is seen after this."""
        return []

    @abstractmethod
    def snapshot(self) -> State:
        """All that is held, for `restore`."""

    @abstractmethod
    def restore(self, state: State) -> None:
        """Go on from a snapshot; raises `BundleError` where it is damaged."""

    @abstractmethod
    def not_ready(self) -> Mapping[FunctionKey, str]:
        """What each function still needs before this detector can judge it, a sentence each; no entry for
        those that it judges."""
