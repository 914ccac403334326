"""Far drifts are told with every update, near ones are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coldtrail.config import Settings
from coldtrail.detectors.drift.baselines import Level
from coldtrail.detectors.drift.readings import DURATION, ERRORS, MEASURES
from coldtrail.learning.drifted import MOST_TOLD, drifted
from coldtrail.learning.train import learn
from coldtrail.testing import START, make_history


def told(*levels: tuple[int, float, float]) -> list[str]:
    model = learn(make_history(60), Settings()).model
    assert model.shifts is not None
    known = {(1, measure, kind): Level(START, a, b) for kind, (measure, a, b) in enumerate(levels)}
    return drifted(replace(model, shifts=replace(model.shifts, levels=known)))


def test_it_is_told_how_far_and_since_when() -> None:
    (sentence,) = told((DURATION, 0.1, 0.45))
    assert sentence.startswith("Order has drifted: its runs take 450 ms, where it was 100 ms when")
    assert "2026-" in sentence


def test_what_is_near_is_not_told() -> None:
    assert told((DURATION, 0.1, 0.14), (ERRORS, 0.0, 0.05)) == []


@pytest.mark.parametrize("measure", range(len(MEASURES)))
def test_each_measure_has_words(measure: int) -> None:
    (sentence,) = told((measure, 0.2, 0.9))
    assert "where it was" in sentence


def test_many_are_counted() -> None:
    assert told(*[(DURATION, 0.1, 0.9)] * (MOST_TOLD + 3))[-1] == "3 more have drifted as far."
