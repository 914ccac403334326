"""The runs as arrays: the prominent functions' runs for training and for test, with their labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coldtrail.features.batch import Encoded, Ints
from coldtrail.features.wording import Batch, Wording
from coldtrail_paper.metrics import Names


@dataclass(frozen=True)
class Words(Batch):
    """Flows of which the words are known, and nothing else."""

    known: Wording

    @cached_property
    def wording(self) -> Wording:
        """The words and clocks of all flows."""
        return self.known


def held(flows: Encoded) -> Encoded:
    """The flows with their words, without their records; their order counts as the order of their time."""
    words = replace(flows.wording, rank=np.arange(len(flows)))
    return replace(flows, batch=Words((), words), places=None)


@dataclass(frozen=True)
class Part:
    """Function runs of both applications, in the order of their time within their application's run."""

    flows: Encoded
    application: Names
    """(flow,)"""
    function: Names
    """(flow,)"""
    attack: Names
    """(flow,) empty where benign."""

    def __len__(self) -> int:
        return len(self.flows)

    def take(self, rows: NDArray[np.integer]) -> Part:
        """The chosen runs."""
        return Part(self.flows.take(rows), self.application[rows], self.function[rows], self.attack[rows])

    def rows_of(self, application: str, function: str | None = None) -> Ints:
        """The places of an application's runs, or of one of its functions'."""
        chosen = self.application == application
        return np.flatnonzero(chosen if function is None else chosen & (self.function == function))


@dataclass(frozen=True)
class Data:
    """What is learned from, and what is judged."""

    train: Part
    test: Part

    @property
    def applications(self) -> tuple[str, ...]:
        """In the order of their names."""
        return tuple(sorted(set(self.train.application.tolist())))


def interleaved(application: Names) -> Ints:
    """The order that mixes applications evenly while each keeps its own.

    The runs of the applications happen on different days: with their clock times, the last fifth of all
    training runs would be of one application alone.
    """
    place = np.zeros(len(application))
    for name in np.unique(application):
        rows = np.flatnonzero(application == name)
        place[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    return np.argsort(place, kind="stable")
