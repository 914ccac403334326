"""What the autoencoders learn from, and what they remark."""

from __future__ import annotations

import os
from time import sleep
from typing import Any

import msgspec
import numpy as np
import pytest

from coldtrail.detectors.autoencoder import Autoencoder, Recipe, learner
from coldtrail.detectors.autoencoder.learner import Lesson
from coldtrail.detectors.autoencoder.recipe import MOST_REPEATS
from coldtrail.errors import ConfigError
from coldtrail.features.batch import Encoded
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import START, make_flow, make_history
from tests.detectors.autoencoder.quick import quickly

SMALL = Recipe(windows=(3,), epochs=1, batch=64)
GET = ("GetItem", "DynamoDB", "Stock", 0.01)


def encoded(flows: list[Flow]) -> Encoded:
    return encode(flows, Vocabulary())


def test_too_little_history_teaches_nothing_and_says_so() -> None:
    detector = Autoencoder(SMALL).fit(encoded(make_history(9)))
    assert detector.learned_ == {}
    assert "it takes 10 flows, and there are 9" in detector.remarks_[0]
    assert detector.score(encoded(make_history(3))).tolist() == [[0.0]] * 3


def test_flows_without_any_step_teach_nothing() -> None:
    bare = msgspec.structs.replace(make_flow([]), events=(), depths=(), self_times=())
    detector = Autoencoder(SMALL).fit(encoded([bare] * 20))
    assert "no flow has a single step" in detector.remarks_[0]


def test_a_single_kind_of_step_is_remarked() -> None:
    flow = make_flow([])
    one = msgspec.structs.replace(flow, events=flow.events[:1], depths=(1,), self_times=(0.1,))
    detector = Autoencoder(SMALL).fit(encoded([one] * 20))
    assert any("are the same" in remark for remark in detector.remarks_)
    assert np.isfinite(detector.score(encoded([one, make_flow([GET])]))).all()


def test_a_threshold_set_by_a_single_window_is_remarked() -> None:
    usual = make_history(40)
    last = make_flow([GET] * 8, start=usual[-1].start_time + 60)
    recipe = msgspec.structs.replace(SMALL, windows=(10, 12))
    detector = Autoencoder(recipe).fit(encoded([*usual, last]))
    (remark,) = detector.remarks_
    assert remark.startswith("One single window sets the autoencoder's threshold for windows of 10 and 12: ")
    assert Autoencoder(recipe).fit(encoded(usual)).remarks_ == ()


def test_words_never_learned_are_scored_by_numbers_that_are_finite(autoencoder: Autoencoder) -> None:
    stranger = make_flow([("Zap", "quantum", "ß" * 300, 0.1), ("", "", "", 0.1)])
    scores = autoencoder.score(encoded([stranger, make_flow([GET])]))
    assert np.isfinite(scores).all()
    assert scores[0].max() > scores[1].max()


def test_each_scope_has_models_and_scale_of_its_own() -> None:
    recipe = msgspec.structs.replace(SMALL, scope="function")
    flows = encoded(make_history(20) + make_history(20, seed=1, function="Ship", prefix="s"))
    detector = Autoencoder(recipe).fit(flows)
    assert sorted(detector.learned_) == ["shop/Order", "shop/Ship"]
    assert (detector.score(flows) > 0.0).all()
    stranger = encoded([make_flow([GET], function="NeverMet")])
    assert detector.score(stranger).tolist() == [[0.0]]


def test_rare_kinds_of_runs_may_count_more() -> None:
    recipe = msgspec.structs.replace(SMALL, oversample=True)
    flows = encoded([make_flow([GET] * 7), *make_history(400)])
    plain, more = (Autoencoder(one).fit(flows) for one in (SMALL, recipe))
    assert plain.errors(flows)[3][0].tolist() != more.errors(flows)[3][0].tolist()
    assert MOST_REPEATS > 1.0


def test_a_flow_counts_as_often_as_it_stands_for_others() -> None:
    flows = encoded(make_history(60))
    heavy = flows.weighing(np.where(np.arange(60) % 2, 1.0, 30.0))
    for recipe in (SMALL, msgspec.structs.replace(SMALL, oversample=True)):
        plain, weighed = (Autoencoder(recipe).fit(one).errors(flows)[3][0] for one in (flows, heavy))
        assert plain.tolist() != weighed.tolist()


def test_equal_runs_are_merged_without_losing_their_weight() -> None:
    flows = encoded([make_flow([GET, GET], flow_id=f"{i}") for i in range(40)] + make_history(10))
    recipe = msgspec.structs.replace(SMALL, merged=True, epochs=2)
    assert np.isfinite(Autoencoder(recipe).fit(flows).score(flows)).all()


def test_an_update_keeps_the_scale_and_validates_on_both(autoencoder: Autoencoder, learned: Encoded) -> None:
    updated = quickly(Autoencoder().restore(autoencoder.state()))
    new = encoded([make_flow([GET, ("Charge", "remote", "pay", 0.1)], flow_id=f"n{i}") for i in range(60)])
    before, after = autoencoder.score(new), updated.update(new, learned).score(new)
    assert after.max(axis=1).mean() < before.max(axis=1).mean()
    np.testing.assert_array_equal(updated.learned_[""].scale.low, autoencoder.learned_[""].scale.low)
    assert "Charge" in updated.learned_[""].words[1]
    assert (updated.score(learned).max(axis=1) <= 1.0).mean() > 0.9


def test_what_is_learned_is_told_as_if_it_had_not_been_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    taught: list[Lesson] = []

    def trained(lesson: Lesson, recipe: Recipe, weights: list[Any], *rest: Any) -> list[Any]:
        taught.append(lesson)
        return weights

    monkeypatch.setattr(learner, "train", trained)
    once = make_flow([GET, ("Charge", "remote", "pay", 0.1), GET], flow_id="once", start=START - 60.0)
    flows = encoded([once, *make_history(100)])
    recipe = msgspec.structs.replace(SMALL, units=(8, 4), counted=True)
    detector = Autoencoder(recipe).fit(flows)
    (lesson,) = taught
    surprise = lesson.rows[:, -2]
    judged = detector.learned_[""].reading.rows(flows.take(np.arange(1)))[:, -2]
    assert surprise[2] > 1.5 * judged[2]
    usual = detector.learned_[""].reading.rows(flows.take(np.arange(20, 40)))[:, -2]
    assert surprise.max() > 50.0 * np.median(usual)


def test_told_of_counts_it_sees_another_order_that_it_would_not_have_seen() -> None:
    read, write, tell = (
        (name, kind, target, 0.01)
        for name, kind, target in (
            ("GetItem", "DynamoDB", "Stock"),
            ("PutItem", "DynamoDB", "Orders"),
            ("Publish", "SNS", "order-events"),
        )
    )
    usual = make_history(300)
    odd = encoded([make_flow([write, read, tell]), make_flow([read, tell, write])])
    ratios = []
    for counted in (False, True):
        recipe = Recipe(
            windows=(3,), units=(16, 8), epochs=10, rate=3e-3, counted=counted, threshold="quantile"
        )
        ratios.append(Autoencoder(recipe).fit(encoded(usual)).score(odd).min())
    assert ratios[1] > 2.0
    assert ratios[1] > 1.5 * ratios[0]


def test_an_update_counts_the_new_flows_as_well(learned: Encoded) -> None:
    recipe = msgspec.structs.replace(SMALL, units=(8, 4), counted=True)
    detector = Autoencoder(recipe).fit(learned)
    new = encoded([make_flow([GET, ("Charge", "remote", "pay", 0.1)], flow_id=f"n{i}") for i in range(60)])
    later = encoded([make_flow([GET, ("Charge", "remote", "pay", 0.1)], flow_id="later")])
    before = detector.errors(later)[3][0].max()
    known = detector.learned_[""].reading.familiarity
    detector.update(new, learned)
    assert detector.errors(later)[3][0].max() < 0.1 * before
    counted = detector.learned_[""].reading.familiarity
    assert known is not None
    assert counted is not None
    assert counted.steps.values.sum() > known.steps.values.sum()


def test_an_update_may_be_given_the_old_flows_to_repeat(autoencoder: Autoencoder, learned: Encoded) -> None:
    new = learned.take(np.arange(30))
    one, other = (quickly(Autoencoder().restore(autoencoder.state())) for _ in range(2))
    one.update(new, learned, chosen=np.arange(100, 140), epochs=1)
    other.update(new, learned, chosen=np.arange(200, 240), epochs=1)
    assert (one.score(new) != other.score(new)).any()


def test_each_epoch_of_each_window_is_told() -> None:
    told: list[str] = []
    recipe = msgspec.structs.replace(SMALL, windows=(3, 5), epochs=2)
    flows = encoded(make_history(40))
    detector = Autoencoder(recipe).fit(flows, tell=told.append)
    for size in (3, 5):
        windows = detector.errors(flows.take(np.arange(32)))[size][0].size
        of_size = [one.split(", ")[0] for one in told if one.startswith(f"windows of {size}: ")]
        assert of_size == [
            f"windows of {size}: {rest}"
            for rest in (f"{windows} to learn from", "epoch 1 of 2", "epoch 2 of 2")
        ]
    assert all("loss 0." in one for one in told if "epoch" in one)
    told.clear()
    detector.update(flows, flows, tell=told.append)
    assert sum("epoch 2 of 2" in one for one in told) == 2


def test_the_loss_of_each_epoch_is_kept() -> None:
    recipe = msgspec.structs.replace(SMALL, epochs=5, rate=0.01)
    (part,) = Autoencoder(recipe).fit(encoded(make_history(40))).learned_[""].parts
    assert len(part.losses) == 5
    assert part.losses[-1] < part.losses[0]


def test_where_one_network_fails_the_others_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped_early: list[bool] = []

    def trained(lesson: Lesson, *rest: Any) -> list[Any]:
        if lesson.windows.shape[1] == 3:
            raise ConfigError("diverged")
        stopped = rest[-1]
        for _ in range(300):
            if stopped():
                break
            sleep(0.01)
        stopped_early.append(stopped())
        return []

    monkeypatch.setattr(learner, "train", trained)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    recipe = msgspec.structs.replace(SMALL, windows=(3, 5))
    with pytest.raises(ConfigError, match="diverged"):
        Autoencoder(recipe).fit(encoded(make_history(40)))
    assert stopped_early == [True]
