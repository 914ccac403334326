"""The budget of false alarms: held, or refused with the number of flows it would take."""

from __future__ import annotations

import pytest

from coldtrail.bundle.history import History
from coldtrail.config import DetectionSettings, Settings
from coldtrail.errors import ConfigError
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.budget import settled
from coldtrail.testing import START, make_flow, make_history
from tests.verbs.telemetry_files import USUAL

HISTORY = History(Vocabulary()).add(make_history(600))
DAYS = (HISTORY.reference - HISTORY.first) / 86_400


def budget(**fields: float | bool) -> float:
    return settled(Settings(detection=DetectionSettings(**fields)), HISTORY, HISTORY.learned).detection.budget  # type: ignore[arg-type]


def test_a_budget_that_is_only_a_wish_stays() -> None:
    assert budget(budget=0.0001) == 0.0001


def test_a_budget_to_be_held_is_refused_with_the_flows_it_takes() -> None:
    assert budget(budget=0.005, hold_budget=True) == 0.005
    with pytest.raises(ConfigError, match="it takes 613"):
        budget(budget=0.0049, hold_budget=True)
    with pytest.raises(ConfigError, match=r"600 flows .* budget of 0\.001 false .* takes 3,000\. .* 0\.005"):
        budget(budget=0.001, hold_budget=True)


def test_alarms_a_day_become_a_share_by_the_rate_of_the_flows() -> None:
    assert budget(false_alarms_a_day=3.0) == pytest.approx(3.0 * DAYS / 600)
    with pytest.raises(ConfigError, match=r"0\.5 false alarms a day \(.* takes [\d,]+"):
        budget(false_alarms_a_day=0.5, hold_budget=True)


def test_more_alarms_than_make_sense_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"would be \d+% of the flows"):
        budget(false_alarms_a_day=600 / DAYS)


def test_a_rate_needs_time() -> None:
    at_once = History(Vocabulary()).add([make_flow(USUAL, flow_id=f"f{i}", start=START) for i in range(9)])
    with pytest.raises(ConfigError, match="All flows start at once"):
        settled(Settings(detection=DetectionSettings(false_alarms_a_day=1.0)), at_once, at_once.learned)
