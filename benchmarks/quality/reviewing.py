"""The review list that training shows, applied as a person would: what is an attack is struck out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.quality.figures import Rate
from coldtrail.model import Model
from coldtrail.records import Flow


@dataclass(frozen=True)
class Reviewed:
    """What reviewing changed."""

    model: Model
    listed: Rate
    """Hidden flows that the list leads to."""
    entries: int


def reviewed(flows: Sequence[Flow], hidden: set[str]) -> Reviewed | None:
    """What is learned when the listed flows that are attacks are left out; None without such a list."""
    return None
