"""Training, judging and updating on the recorded data, each stage resumable (sections 7.2 to 7.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import numpy as np

from coldtrail.errors import ConfigError
from coldtrail.features.batch import Bools, Ints
from coldtrail_paper.dataset import Data, Part
from coldtrail_paper.metrics import Figures, figures
from coldtrail_paper.network import Make, Net, Setup, settings_of, timed
from coldtrail_paper.outcome import Outcome, outcome_of, strengths
from coldtrail_paper.plan import HELD_OUT, NEW_SHARE
from coldtrail_paper.stages import Result, Stages

Tell = Callable[[str], None]


@dataclass(frozen=True)
class HeldOut:
    """The update experiment (section 7.4): a function left out, then learned by an update."""

    without: Figures
    """Of the other functions' runs, by the model that never met the function."""
    before: Figures
    """Of all runs, by the same model."""
    before_own: Figures
    """Of the function's runs alone."""
    updated: Figures
    """Of all runs, after the update."""
    updated_own: Figures
    learned: int
    """Flows of the first training."""
    new: int
    """Flows of the update that are the function's own, those of its validation among them."""
    old: int
    """Flows of the first training that make up the rest of the update, counted alike."""
    train_s: float
    update_s: float


@dataclass(frozen=True)
class Experiment:
    """All that was measured, by the name of the recipe."""

    data: Data
    outcomes: Mapping[str, Outcome]
    updates: Mapping[str, HeldOut]
    machine: str
    failures: tuple[str, ...] = ()

    def times(self, phase: str) -> Iterator[tuple[str, int, float]]:
        """Recipe, instances and seconds of a phase of Table 6."""
        for name, one in self.outcomes.items():
            if phase == "training":
                yield name, one.learned + one.validated, one.train_s
            elif phase == "testing":
                yield name, one.judged, one.test_s
            elif name in self.updates:
                update = self.updates[name]
                yield name, update.new + update.old, update.update_s


def train_and_judge(setup: Setup, data: Data, make: Make) -> Outcome:
    """What one training on all functions shows on the test part."""
    net, train_s = timed(lambda: make(setup, data.train.flows))
    test, test_s = timed(lambda: net.errors(data.test.flows))
    validation, rows = net.validation()
    return Outcome(
        recipe=settings_of(setup),
        learned=len(data.train) - len(rows),
        validated=len(rows),
        judged=len(data.test),
        train_s=train_s,
        test_s=test_s,
        losses=net.losses(),
        warnings=list(net.warnings()),
        validation=validation,
        validation_rows=rows,
        test=test,
    )


def hold_out(setup: Setup, data: Data, make: Make, held_out: tuple[str, str] = HELD_OUT) -> HeldOut:
    """What a model without one function, and then updated with it, shows."""
    new = data.train.rows_of(*held_out)
    others = np.setdiff1d(np.arange(len(data.train)), new)
    net, train_s = timed(lambda: make(setup, data.train.take(others).flows))
    before = _alarms(net, data.test)
    _, update_s = timed(lambda: net.update(data.train.take(new).flows, 1 - NEW_SHARE))
    after = _alarms(net, data.test)
    own = data.test.rows_of(*held_out)
    rest = np.setdiff1d(np.arange(len(data.test)), own)
    every = np.arange(len(data.test))
    return HeldOut(
        without=_figures(before, data.test, rest),
        before=_figures(before, data.test, every),
        before_own=_figures(before, data.test, own),
        updated=_figures(after, data.test, every),
        updated_own=_figures(after, data.test, own),
        learned=len(others),
        new=len(new),
        old=round(len(new) * (1 - NEW_SHARE) / NEW_SHARE),
        train_s=train_s,
        update_s=update_s,
    )


def _alarms(net: Net, part: Part) -> Bools:
    return strengths(net.errors(part.flows), len(part)) > 1


def _figures(alarm: Bools, part: Part, rows: Ints) -> Figures:
    return figures(alarm[rows], part.attack[rows] != "")


@dataclass(frozen=True)
class Laboratory:
    """What all stages of an experiment share; stages that fail, such as by a diverging loss, are told."""

    data: Data
    stages: Stages
    of: Mapping[str, Any]
    """Names the data in the stages' settings."""
    make: Make
    tell: Tell
    failures: list[str] = field(default_factory=list)

    def outcomes(self, setups: Mapping[str, Setup]) -> dict[str, Outcome]:
        """The outcome of each recipe that could be trained."""

        def made(setup: Setup) -> Result:
            return train_and_judge(setup, self.data, self.make).result()

        return {name: outcome_of(one) for name, one in self._results("train", setups, made)}

    def updates(self, setups: Mapping[str, Setup]) -> dict[str, HeldOut]:
        """The update experiment of each recipe that could be trained."""

        def made(setup: Setup) -> Result:
            return Result(asdict(hold_out(setup, self.data, self.make)), {})

        return {name: held_out_of(one.facts) for name, one in self._results("update", setups, made)}

    def _results(
        self, stage: str, setups: Mapping[str, Setup], made: Callable[[Setup], Result]
    ) -> Iterator[tuple[str, Result]]:
        for name, setup in setups.items():
            self.tell(f"{_DOING[stage]}: {name}")
            settings = {"stage": stage, "recipe": settings_of(setup), "held_out": list(HELD_OUT), **self.of}
            work = partial(attempt, partial(made, setup))
            found = self.stages.result(f"{stage}-{_file(name)}", settings, work)
            if FAILED in found.facts:
                self.failures.append(f"{name}, {stage}: {found.facts[FAILED]}")
            else:
                yield name, found


FAILED = "failed"
_DOING = {"train": "training", "update": "updating"}


def attempt(made: Callable[[], Result]) -> Result:
    """What the work gave, or the sentence that says why it cannot: the same settings would fail again."""
    try:
        return made()
    except ConfigError as error:
        return Result({FAILED: str(error)}, {})


def held_out_of(facts: Mapping[str, Any]) -> HeldOut:
    """The update experiment that a stage stored."""
    plain: dict[str, Any] = {
        name: Figures(**value) if isinstance(value, dict) else value for name, value in facts.items()
    }
    return HeldOut(**plain)


def _file(name: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in name)


def flat(losses: Sequence[float]) -> float | None:
    """The share by which the last epoch still lowered the loss; None where there is one epoch."""
    return (losses[-2] - losses[-1]) / losses[-2] if len(losses) > 1 and losses[-2] else None
