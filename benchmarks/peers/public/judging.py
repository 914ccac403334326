"""`coldtrail train` and `coldtrail score` on a split, by the budgets that need no labels to choose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.peers.public import events
from benchmarks.peers.public.split import Session, Split
from benchmarks.quality.figures import Rate
from coldtrail.config import DetectionSettings, Settings
from coldtrail.verbs.scoring import score
from coldtrail.verbs.training import train

SUPPORT = 3.0
"""Learned flows above a threshold that a budget must leave: what `coldtrail train --budget` asks for."""


@dataclass(frozen=True)
class Outcome:
    """What a rule said of the sessions that were judged."""

    rule: str
    found: int
    missed: int
    false: int
    normal: int

    @property
    def precision(self) -> Rate:
        """Of what was told, what is abnormal."""
        return Rate(self.found, self.found + self.false)

    @property
    def recall(self) -> Rate:
        """Of what is abnormal, what was told."""
        return Rate(self.found, self.found + self.missed)

    @property
    def false_alarms(self) -> Rate:
        """Of what is normal, what was told."""
        return Rate(self.false, self.normal)

    @property
    def agreement(self) -> Rate:
        """Of what is abnormal or was told, what is both: Jaccard's index J, of which F1 is 2J / (1 + J)."""
        return Rate(self.found, self.found + self.missed + self.false)


def outcomes(split: Split, application: str) -> Iterator[Outcome]:
    """What a seen set says, and Coldtrail by its default budget and the smallest that the history can hold.

    A verdict depends on the run alone, so equal sessions are judged once and counted as often as they came.
    """
    judged = list(dict.fromkeys((*split.normal, *split.abnormal)))
    yield _of("sets of steps never seen", split, judged, _unseen(split, judged))
    default = DetectionSettings().budget
    with TemporaryDirectory(prefix="coldtrail-peers-") as name:
        folder = Path(name)
        events.write(folder / "learned.jsonl", split.train, application, events.LEARNED_FROM)
        events.write(folder / "judged.jsonl", judged, application, events.JUDGED_FROM)
        for rule, budget in (
            (f"Coldtrail, default budget ({default:g})", default),
            (f"Coldtrail, smallest budget held ({held(split):.2g})", held(split)),
        ):
            yield _of(rule, split, judged, _alarms(folder, budget))


def held(split: Split) -> float:
    """The smallest budget of false alarms that `coldtrail train` accepts for so many learned sessions."""
    return min(SUPPORT / len(split.train), 1.0)


def _alarms(folder: Path, budget: float) -> set[int]:
    """The numbers of the judged sessions that alarm."""
    settings = Settings(detection=DetectionSettings(budget=budget))
    train(folder / "learned.jsonl", folder / "bundle", settings=settings)
    score(folder / "bundle", folder / "judged.jsonl", folder / "verdicts.jsonl", only_anomalous=True)
    with (folder / "verdicts.jsonl").open("rb") as lines:
        verdicts = [msgspec.json.decode(line) for line in lines]
    return {events.number_of(one["function_flow_id"]) for one in verdicts if one["verdict"] == "anomalous"}


def _unseen(split: Split, judged: list[Session]) -> set[int]:
    """The rule of seen sets: told is what no learned session held just so, or a step that took longer."""
    longest: dict[str, float] = {}
    for session in split.train:
        for name, seconds in session:
            longest[name] = max(longest.get(name, 0.0), seconds)
    seen = {frozenset(step.name for step in session) for session in split.train}
    return {
        number
        for number, session in enumerate(judged)
        if frozenset(step.name for step in session) not in seen
        or any(seconds > longest.get(name, inf) for name, seconds in session)
    }


def _of(rule: str, split: Split, judged: list[Session], alarms: set[int]) -> Outcome:
    told = [judged[number] for number in alarms]
    found = sum(split.abnormal[session] for session in told)
    false = sum(split.normal[session] for session in told)
    return Outcome(rule, found, split.abnormal.total() - found, false, split.normal.total())
