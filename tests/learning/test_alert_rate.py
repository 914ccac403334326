"""Alerts a day: counted in the history as they are told, and held as they are asked for."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from coldtrail.bundle.history import History
from coldtrail.config import DetectionSettings, Settings
from coldtrail.detectors.channel import Channel
from coldtrail.errors import ConfigError
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.alert_rate import DAY_S, MOST, HeldOut, share_for
from coldtrail.learning.train import learn
from coldtrail.learning.update import learn_more
from coldtrail.records.flow import Flow
from coldtrail.testing import START, make_flow, make_history
from coldtrail.verdicts.calibration import Calibration
from tests.verbs.telemetry_files import USUAL

DAYS = 10
CHANNELS = (Channel("order", "nats"), Channel("excess"))


def held_out(order: dict[int, float], excess: dict[int, float], flows: int = 1000) -> HeldOut:
    """Runs over ten days, of which some, by their number, score higher than the others."""
    every = DAYS * DAY_S / flows
    runs = [make_flow(USUAL, flow_id=f"f{n}", start=START + n * every) for n in range(flows)]
    scores = np.zeros((flows, 2))
    for column, odd in enumerate((order, excess)):
        scores[list(odd), column] = list(odd.values())
    encoded = encode(runs, History(Vocabulary()).add(runs).vocabulary)
    return HeldOut(CHANNELS, encoded, scores, np.array([False, True]), 50)


def rate(some: HeldOut, budget: float = 0.02) -> float:
    told = some.alerts_a_day(Calibration(some.channels).fit(some.flows, some.scores, budget))
    assert told is not None
    return round(told * some.days)


def test_alarms_of_one_kind_on_one_day_are_one_alert() -> None:
    alone = {100 * day + 7: 30.0 + day for day in range(4)}
    assert rate(held_out(alone, {})) == 4
    assert rate(held_out(alone | {8: 39.0, 9: 40.0}, {})) == 4


def test_slow_calls_count_only_where_they_last() -> None:
    apart = {100 * day + 7: 30.0 + day for day in range(4)}
    assert rate(held_out({}, apart)) == 0
    near = {500 + n: 30.0 + n for n in range(3)}
    dense = held_out({}, near, flows=4000)
    assert rate(dense, 0.002) == 1


def test_functions_that_are_not_judged_make_no_alert() -> None:
    some = held_out({7: 30.0}, {})._replace(ready_flows=2000)
    assert rate(some) == 0


def test_flows_that_start_at_once_have_no_rate() -> None:
    some = held_out({7: 30.0}, {})
    at_once = some._replace(flows=replace(some.flows, start=np.full(len(some.flows), START)))
    assert at_once.alerts_a_day(Calibration(CHANNELS).fit(at_once.flows, at_once.scores, 0.02)) is None


@pytest.mark.parametrize("asked", [0.4, 0.6, 0.8])
def test_the_budget_makes_about_as_many_alerts_as_are_asked_for(asked: float) -> None:
    random = np.random.default_rng(3)
    strange = dict(enumerate(random.exponential(4.0, 3000)))
    some = held_out(strange, {}, flows=3000)
    share = share_for(some, DetectionSettings(alerts_a_day=asked))
    told = some.alerts_a_day(Calibration(CHANNELS).fit(some.flows, some.scores, share))
    assert told is not None
    assert asked / 1.5 <= told <= asked * 1.5


def test_more_alerts_than_a_tenth_of_the_flows_makes_are_refused() -> None:
    some = held_out({7: 30.0, 307: 31.0}, {})
    with pytest.raises(ConfigError, match=r"^50/day is more than .* 0\.1 of the flows"):
        share_for(some, DetectionSettings(alerts_a_day=50.0))


def test_as_many_alerts_as_can_be_made_will_do_where_half_as_many_more_are_asked_for() -> None:
    random = np.random.default_rng(4)
    some = held_out(dict(enumerate(random.exponential(4.0, 1000))), {})
    most = some.alerts_a_day(Calibration(CHANNELS).fit(some.flows, some.scores, MOST))
    assert most is not None
    share = share_for(some, DetectionSettings(alerts_a_day=1.5 * most, hold_budget=True))
    assert share == pytest.approx(MOST)
    with pytest.raises(ConfigError, match="/day is more than"):
        share_for(some, DetectionSettings(alerts_a_day=2.5 * most, hold_budget=True))


def spread(flows: list[Flow], days: float) -> list[Flow]:
    """The flows over so many days."""
    every = days * DAY_S / len(flows)
    return [
        msgspec.structs.replace(flow, start_time=START + n * every, end_time=START + n * every + 1)
        for n, flow in enumerate(flows)
    ]


def test_what_was_asked_for_is_kept_and_held_by_updates() -> None:
    settings = Settings(detection=DetectionSettings(alerts_a_day=0.5, hold_budget=True, folds=4))
    training = learn(spread(make_history(600), 6.5), settings)
    detection = training.model.settings.detection
    assert (detection.alerts_a_day, training.alerts_a_day is not None) == (0.5, True)
    assert abs(training.model.calibration.least_ + np.log10(detection.budget)) < 1e-9
    more = spread(make_history(100, seed=5, prefix="m"), 1.0)
    later = [
        msgspec.structs.replace(one, start_time=one.start_time + 7 * DAY_S, end_time=one.end_time + 7 * DAY_S)
        for one in more
    ]
    updated = learn_more(training.model, later)
    assert updated.model.settings.detection.alerts_a_day == 0.5
    assert updated.training.alerts_a_day is not None


def test_a_history_too_short_for_a_rate_is_refused_with_the_days_it_takes() -> None:
    settings = Settings(detection=DetectionSettings(alerts_a_day=0.5, hold_budget=True))
    with pytest.raises(ConfigError, match=r"^2 days cannot .* it takes 6 days\. .* 1\.5/day"):
        learn(spread(make_history(300), 2.0), settings)
