"""The laws of calibration: monotone, within the budget, the same after a rest on disk."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from coldtrail.detectors.channel import Channel
from coldtrail.features.batch import Encoded, Floats
from coldtrail.verdicts.calibration import Calibration, flows_needed

FUNCTIONS = 4
ONE = (Channel("first"),)
TWO = (Channel("first"), Channel("second"))
SURPRISE = (Channel("first", "nats"), Channel("second"))
FAMILIES = (Channel("first", family="name"), Channel("second", family="start"))
PATH_AND_TIME = (Channel("first", family="path"), Channel("second", family="time"))
ALONE = (Channel("first"), Channel("second", "bans", alone=True))


def some_flows(number: int, seed: int = 0) -> Encoded:
    """Flows without steps, of a few functions, some of them cold."""
    random = np.random.default_rng(seed)
    none, no_seconds, no_marks = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_)
    return Encoded(
        function=random.integers(1, FUNCTIONS + 1, number),
        group=np.zeros(number, np.int64),
        application=np.ones(number, np.int64),
        alone=np.zeros(number, np.bool_),
        cold=random.random(number) < 0.1,
        complete=np.ones(number, np.bool_),
        failed=np.zeros(number, np.bool_),
        trigger=np.ones(number, np.int64),
        caller=np.ones(number, np.int64),
        version=np.ones(number, np.int64),
        invocation=np.full(number, -1),
        start=np.arange(number, dtype=np.float64),
        duration=np.zeros(number),
        own_time=np.zeros(number),
        weight=np.ones(number),
        offsets=np.zeros(number + 1, np.int64),
        step=none,
        action=none,
        resource=none,
        service=none,
        error=no_marks,
        depth=none,
        begin=no_seconds,
        span=no_seconds,
        self_time=no_seconds,
        starting=no_marks,
        call=no_marks,
    )


def some_scores(flows: Encoded, seed: int) -> Floats:
    """(flow, channel) exchangeable scores whose size depends on function and temperature."""
    random = np.random.default_rng(seed)
    size = flows.function * (1.0 + 2.0 * flows.cold)
    return np.stack([random.exponential(size), random.lognormal(0.0, 1.0, len(flows))], axis=1)


def learned(number: int = 2_000, budget: float = 0.003) -> Calibration:
    flows = some_flows(number)
    return Calibration(TWO).fit(flows, some_scores(flows, 1), budget)


CALIBRATION = learned()


def alarms(calibration: Calibration, number: int, seed: int) -> float:
    flows = some_flows(number, seed)
    bans = calibration.bans(flows, some_scores(flows, seed + 1))
    return float((bans.max(axis=1) > calibration.threshold_).mean())


@given(seed=st.integers(0, 1_000), more=st.floats(0, 1e6))
def test_a_higher_score_is_never_less_strange(seed: int, more: float) -> None:
    flows = some_flows(40, seed)
    scores = some_scores(flows, seed)
    raised = scores + more * np.random.default_rng(seed).random(scores.shape)
    assert (CALIBRATION.bans(flows, raised) >= CALIBRATION.bans(flows, scores)).all()


def test_past_the_highest_score_known_strangeness_still_grows() -> None:
    flows = some_flows(1)
    bans = [CALIBRATION.bans(flows, np.full((1, 2), score)).max() for score in (1e2, 1e3, 1e4, 1e5)]
    assert bans == sorted(set(bans))


@pytest.mark.parametrize("nats", [0.5, 3.0, 50.0])
def test_a_surprise_is_no_rarer_than_its_own_chance(nats: float) -> None:
    flows = some_flows(2_000)
    scores = np.stack([np.zeros(len(flows)), some_scores(flows, 1)[:, 1]], axis=1)
    plain = Calibration(TWO).fit(flows, scores, 0.003)
    capped = Calibration(SURPRISE).fit(flows, scores, 0.003)
    rested = Calibration(SURPRISE).restore(capped.state())
    one, strange = some_flows(1), np.array([[nats, 0.0]])
    assert plain.bans(one, strange)[0, 0] > 3.0, "nothing in the history scored at all"
    expected = min(plain.bans(one, strange)[0, 0], nats / np.log(10.0))
    assert capped.bans(one, strange)[0, 0] == rested.bans(one, strange)[0, 0] == pytest.approx(expected)


@given(scores=st.lists(st.floats(0, 1e300), min_size=1, max_size=20))
def test_strangeness_is_finite_and_never_negative(scores: list[float]) -> None:
    flows = some_flows(len(scores))
    bans = CALIBRATION.bans(flows, np.tile(np.array(scores)[:, None], 2))
    assert np.isfinite(bans).all()
    assert (bans >= 0).all()


def test_what_is_strange_in_one_family_every_day_raises_no_threshold_of_another() -> None:
    """One flow of a hundred takes far longer than its like: no path need be any stranger for that."""
    flows = some_flows(4_000)
    random = np.random.default_rng(5)
    late = np.where(random.random(4_000) < 0.01, 50.0 * random.pareto(1.0, 4_000), 0.0)
    scores = np.column_stack([random.random(4_000), late + random.random(4_000)])
    alone = np.column_stack([scores[:, 0], random.random(4_000)])
    one, strange = some_flows(1), np.array([[1.5, 0.0]])
    quiet = Calibration(FAMILIES).fit(flows, alone, 0.003)
    noisy = Calibration(FAMILIES).fit(flows, scores, 0.003)
    assert margin(quiet, one, strange) == pytest.approx(margin(noisy, one, strange), abs=0.1)
    assert noisy.shares.tolist() == [0.5, 0.5]


def margin(calibration: Calibration, flows: Encoded, scores: Floats) -> float:
    return float(calibration.bans(flows, scores).max()) - calibration.threshold_


def test_the_path_may_alarm_more_often_than_time_and_alone_has_the_whole_budget() -> None:
    flows, random = some_flows(20_000), np.random.default_rng(8)
    scores = random.pareto(1.0, (20_000, 2))
    both = Calibration(PATH_AND_TIME).fit(flows, scores, 0.01)
    over = both.bans(flows, scores, itself=flows.weight) > both.threshold_
    path, time = over.sum(axis=0).tolist()
    assert path > 3 * time > 0
    assert path + time <= 0.01 * 20_000 + 2
    alone = Calibration(PATH_AND_TIME[:1]).fit(flows, scores[:, :1], 0.01)
    assert alone.shares.tolist() == [1.0]


def test_families_together_keep_to_the_budget() -> None:
    flows = some_flows(20_000)
    calibration = Calibration(FAMILIES).fit(flows, some_scores(flows, 1), 0.01)
    rates = [alarms(calibration, 20_000, seed) for seed in (3, 4)]
    assert 0.004 < np.mean(rates) < 0.011


def test_a_function_never_met_is_compared_with_all() -> None:
    flows = some_flows(50)
    stranger = Encoded(**{**vars_of(flows), "function": np.zeros(50, np.int64)})
    bans = CALIBRATION.bans(stranger, some_scores(flows, 3))
    assert np.isfinite(bans).all()


def vars_of(flows: Encoded) -> dict[str, NDArray[np.generic]]:
    return {name: getattr(flows, name) for name in Encoded.__dataclass_fields__}


def test_a_functions_own_history_counts_more_than_that_of_others() -> None:
    """A score that is usual for the loud function is strange for the quiet one."""
    number = 4_000
    flows = some_flows(number)
    loud = flows.function == FUNCTIONS
    scores = np.where(loud, 100.0, 1.0)[:, None] + np.random.default_rng(0).random((number, 1))
    calibration = Calibration(ONE).fit(flows, scores, 0.003)
    two = flows.take(np.array([int(np.flatnonzero(loud)[0]), int(np.flatnonzero(~loud)[0])]))
    loud_ban, quiet_ban = calibration.bans(two, np.full((2, 1), 100.5))[:, 0]
    assert quiet_ban > loud_ban


def failing(flows: Encoded, which: NDArray[np.bool_]) -> Encoded:
    """The flows, some of which failed."""
    return Encoded(**{**vars_of(flows), "failed": which, "cold": np.zeros(len(flows), np.bool_)})


def test_runs_that_failed_are_compared_with_runs_that_failed() -> None:
    flows = some_flows(4_000)
    flows = failing(flows, np.arange(4_000) % 50 == 0)
    scores = np.where(flows.failed, 100.0, 1.0)[:, None] + np.random.default_rng(0).random((4_000, 1))
    calibration = Calibration(ONE).fit(flows, scores, 0.003)
    two = failing(some_flows(2).take(np.array([0, 0])), np.array([True, False]))
    failed, well = calibration.bans(two, np.full((2, 1), 100.5))[:, 0]
    assert failed < 1.0
    assert well > failed


def test_a_step_that_failed_makes_a_run_one_of_those_that_failed() -> None:
    flows = some_flows(3).take(np.array([0, 0]))
    steps = {name: np.ones(2, np.int64) for name in ("step", "action", "resource", "service", "depth")}
    seconds = {name: np.zeros(2) for name in ("begin", "span", "self_time")}
    marks = {name: np.zeros(2, np.bool_) for name in ("starting", "call")}
    error = np.array([True, False])
    cold = np.zeros(2, np.bool_)
    stepped = {**steps, **seconds, **marks, "error": error, "cold": cold, "offsets": np.arange(3)}
    calibration = Calibration(ONE)
    known = failing(some_flows(2_000), np.arange(2_000) % 50 == 0)
    scores = np.where(known.failed, 100.0, 1.0)[:, None] + np.random.default_rng(0).random((2_000, 1))
    bans = calibration.fit(known, scores, 0.003).bans(
        Encoded(**{**vars_of(flows), **stepped}), np.full((2, 1), 100.5)
    )
    assert bans[0, 0] < bans[1, 0]


def test_what_a_function_did_twice_in_any_condition_is_no_rarer_than_its_record() -> None:
    """One of two alike runs of a small function was cold: the next warm one is one of three in a hundred."""
    flows = some_flows(3_000)
    small = flows.function == 1
    place = np.flatnonzero(small)[:100]
    rest = np.flatnonzero(~small)
    flows = flows.take(np.concatenate([place, rest]))
    cold = np.zeros(len(flows), np.bool_)
    cold[0] = True
    flows = Encoded(**{**vars_of(flows), "cold": cold})
    scores = np.random.default_rng(0).random((len(flows), 1))
    scores[:2] = 50.0
    calibration = Calibration(ONE).fit(flows, scores, 0.003)
    warm = flows.take(np.array([1]))
    assert calibration.bans(warm, np.full((1, 1), 50.0))[0, 0] == pytest.approx(-np.log10(2 / 101), abs=1e-9)


def test_what_a_function_did_where_something_failed_excuses_only_its_like() -> None:
    """Five of a thousand runs had a call that timed out: as high a score without one is as rare as before."""
    flows = some_flows(3_000)
    mine = np.flatnonzero(flows.function == 1)
    failed = np.isin(np.arange(len(flows)), mine[:5])
    scores = np.random.default_rng(0).random((len(flows), 1))
    scores[failed] = 50.0
    with_failures = Encoded(**{**vars_of(flows), "failed": failed})
    calibration = Calibration(ONE).fit(with_failures, scores, 0.003)
    fine = with_failures.take(mine[50:51])
    broken = Encoded(**{**vars_of(fine), "failed": np.ones(1, np.bool_)})
    its_own_record = -np.log10(5 / (len(mine) + 1.0))
    assert calibration.bans(broken, np.full((1, 1), 50.0))[0, 0] <= its_own_record
    assert calibration.bans(fine, np.full((1, 1), 50.0))[0, 0] > its_own_record


@pytest.mark.parametrize("budget", [0.003, 0.01, 0.05])
def test_benign_flows_alarm_about_as_often_as_budgeted(budget: float) -> None:
    calibration = learned(5_000, budget)
    assert budget / 3 < alarms(calibration, 20_000, 7) < 2 * budget


def test_the_budget_is_what_the_learned_flows_themselves_would_spend() -> None:
    calibration = learned(5_000, 0.05)
    above = int((calibration.combined_.scores > calibration.threshold_).sum())
    assert 220 <= above <= 249


def test_with_too_few_flows_alarms_stay_rare() -> None:
    assert alarms(learned(60, 0.003), 20_000, 7) < 0.05


def test_a_smaller_budget_sets_a_higher_threshold() -> None:
    thresholds = [learned(budget=budget).threshold_ for budget in (0.2, 0.05, 0.01, 0.003)]
    assert thresholds == sorted(thresholds)
    assert thresholds[0] < thresholds[-1]


@given(combined=st.lists(st.floats(0, 50), min_size=1, max_size=30))
def test_p_values_lie_between_zero_and_one_and_fall_with_strangeness(combined: list[float]) -> None:
    p_values = CALIBRATION.p_values(np.sort(np.array(combined)))
    assert (p_values > 0).all()
    assert (p_values <= 1).all()
    assert (np.diff(p_values) <= 0).all()


def test_p_values_of_new_benign_flows_are_about_uniform_in_the_tail() -> None:
    flows = some_flows(20_000, 11)
    p_values = CALIBRATION.p_values(CALIBRATION.bans(flows, some_scores(flows, 12)).max(axis=1))
    for share in (0.01, 0.05, 0.2):
        assert share / 3 < (p_values <= share).mean() < 2 * share


def test_state_restores_everything() -> None:
    restored = Calibration(TWO).restore(CALIBRATION.state())
    flows = some_flows(500, 5)
    scores = some_scores(flows, 6)
    bans = CALIBRATION.bans(flows, scores)
    assert restored.threshold_ == CALIBRATION.threshold_
    np.testing.assert_array_equal(restored.bans(flows, scores), bans)
    np.testing.assert_array_equal(restored.p_values(bans.max(axis=1)), CALIBRATION.p_values(bans.max(axis=1)))
    for name, array in CALIBRATION.state().items():
        np.testing.assert_array_equal(restored.state()[name], array)


def test_pieces_are_judged_as_the_whole_is() -> None:
    flows = some_flows(200, 5)
    scores = some_scores(flows, 6)
    whole = CALIBRATION.bans(flows, scores)
    for rows in np.array_split(np.arange(200), 7):
        np.testing.assert_array_equal(CALIBRATION.bans(flows.take(rows), scores[rows]), whole[rows])


def test_one_flow_is_enough_to_calibrate() -> None:
    flows = some_flows(1)
    calibration = Calibration(TWO).fit(flows, np.ones((1, 2)), 0.003)
    assert np.isfinite(calibration.threshold_)
    assert np.isfinite(calibration.bans(flows, np.full((1, 2), 9.0))).all()


def test_a_budget_needs_three_false_alarms_worth_of_flows() -> None:
    assert flows_needed(0.003) == 1_000
    assert flows_needed(0.05) == 60


def test_no_flow_of_the_history_is_compared_with_itself() -> None:
    """Each flow of the history gets the score that a calibration without it would give."""
    flows = some_flows(80)
    scores = some_scores(flows, 3)
    inner = [i for i in range(80) if (scores[i] < scores.max(axis=0)).all()]
    alone = []
    for i in inner:
        others = np.delete(np.arange(80), i)
        without = Calibration(TWO).fit(flows.take(others), scores[others], 0.01)
        alone.append(without.bans(flows.take(np.array([i])), scores[[i]]).max())
    combined = Calibration(TWO).fit(flows, scores, 0.01).combined_.scores
    assert len(inner) >= 78
    assert all(np.isclose(combined, score, rtol=1e-9).any() for score in alone)


def test_cold_runs_alarm_no_more_often_than_others_where_each_function_has_few() -> None:
    """Cold runs of all functions together tell what is common for a cold run."""

    def flows_and_scores(seed: int, number: int) -> tuple[Encoded, Floats]:
        random = np.random.default_rng(seed)
        flows = some_flows(number, seed)
        flows = Encoded(**{**vars_of(flows), "function": random.integers(1, 61, number)})
        return flows, random.exponential(1.0, (number, 1)) + 10.0 * flows.cold[:, None]

    calibration = Calibration(ONE).fit(*flows_and_scores(1, 6_000), 0.003)
    fresh, scores = flows_and_scores(2, 40_000)
    alarms = calibration.bans(fresh, scores).max(axis=1) > calibration.threshold_
    assert alarms[fresh.cold].mean() < 0.009


def test_runs_that_differ_in_the_last_digit_only_vouch_for_each_other() -> None:
    """Each fold gives the same run a slightly different score; a hundred of them are no rarity."""
    flows = some_flows(1_000)
    scores = np.zeros((1_000, 1))
    scores[:100, 0] = 2.40 + 0.0005 * np.arange(100)
    calibration = Calibration(ONE).fit(flows, scores, 0.003)
    again = np.full((1_000, 1), 2.46)
    assert calibration.bans(flows, again).max() < calibration.threshold_


def test_what_a_function_has_done_more_than_once_is_no_rarer_than_its_record_says() -> None:
    """Others never take long; this one does so in one run of a hundred."""
    flows = some_flows(4_000)
    own = np.flatnonzero(flows.function == 1)
    slow = own[::100]
    scores = np.zeros((4_000, 1))
    scores[slow, 0] = 3.0
    calibration = Calibration(ONE).fit(flows, scores, 0.003)
    again = np.full((4_000, 1), 3.0)
    bans = calibration.bans(flows, again)[:, 0]
    assert bans[own[~flows.cold[own]]].max() < 2.1
    assert bans[np.flatnonzero(flows.function == 2)].min() > 2.1


def test_evidence_that_more_than_the_budget_of_runs_show_never_alarms() -> None:
    """However calm a history is, one run in fifty is worth no alarm at a budget of three in a thousand."""
    flows = some_flows(3_000)
    scores = np.where(np.arange(3_000) % 50 == 0, 5.0, 0.0)[:, None]
    calibration = Calibration(ONE).fit(flows, scores, 0.003)
    assert calibration.threshold_ >= -np.log10(0.003)
    assert calibration.bans(flows, scores).max() < calibration.threshold_


def test_a_tier_alarms_by_itself_where_its_chance_lies_below_the_budget() -> None:
    """A history full of strange flows must not hide what was never touched before."""
    flows = some_flows(1_000)
    scores = np.zeros((1_000, 2))
    scores[::40, 1] = 4.0  # the history itself holds many such scores
    tiered = Calibration(ALONE).fit(flows, scores, 0.003)
    plain = Calibration(TWO).fit(flows, scores, 0.003)
    new = np.zeros((1_000, 2))
    new[:, 1] = 2.6
    assert tiered.bans(flows, new).max(axis=1).min() > tiered.threshold_
    assert plain.bans(flows, new).max() <= plain.threshold_
    new[:, 1] = 2.5  # a chance above 0.003
    assert tiered.bans(flows, new).max() <= tiered.threshold_
    again = Calibration(ALONE).restore(tiered.state())
    np.testing.assert_array_equal(again.bans(flows, scores), tiered.bans(flows, scores))


@pytest.mark.parametrize("cut", [1, 700, 899])
def test_new_scores_join_the_tails_as_if_they_had_been_there(cut: int) -> None:
    """Where no score was left out, the tails of two parts are those of the whole."""
    flows = some_flows(900)
    scores = np.round(some_scores(flows, 1), 1)
    before, after = np.arange(cut), np.arange(cut, 900)
    first = Calibration(TWO).fit(flows.take(before), scores[before], 0.003)
    grown = first.extended(flows.take(after), scores[after], 0.003, 1.0)
    whole = Calibration(TWO).fit(flows, scores, 0.003)
    grown.spread_ = whole.spread_
    probes = some_flows(300, 5)
    bans = [one.bans(probes, some_scores(probes, 6)) for one in (grown, whole)]
    np.testing.assert_allclose(*bans, rtol=1e-9)
    assert grown.combined_.flows == pytest.approx(whole.combined_.flows)
    if cut > 600:  # a threshold of the first few flows would not be one
        assert grown.threshold_ == pytest.approx(whole.threshold_, rel=0.1)


def test_what_was_known_before_fades() -> None:
    """Of a thousand old runs and as many new ones, the old ones count half: a score that they alone reached
    is rarer."""
    flows = some_flows(1_000)
    old = Calibration(ONE).fit(flows, np.where(np.arange(1_000) % 100 == 0, 9.0, 0.0)[:, None], 0.003)
    full, half = (old.extended(flows, np.zeros((1_000, 1)), 0.003, faded) for faded in (1.0, 0.5))
    assert (full.combined_.flows, half.combined_.flows) == (2_000, 1_500)
    high = np.full((1_000, 1), 9.0)
    assert (half.bans(flows, high) > full.bans(flows, high)).all()
    assert half.p_values(np.array([2.0]))[0] < full.p_values(np.array([2.0]))[0]
