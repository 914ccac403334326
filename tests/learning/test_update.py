"""A model that learns more is the one that learned all at once."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.bundle.model import Model
from coldtrail.config import DetectionSettings, Settings
from coldtrail.errors import BundleError, ConfigError
from coldtrail.learning.train import learn
from coldtrail.learning.update import Update, learn_more
from coldtrail.records.flow import Flow
from coldtrail.testing import START, make_flow, make_history
from tests.verbs.telemetry_files import USUAL, stolen

TOLERANCE = 1e-9
"""What docs/using.md promises of scores and thresholds."""
NEW = [*make_history(150, seed=8, prefix="t"), stolen("probe")]


def learned(flows: list[Flow]) -> Model:
    return learn(flows, Settings(detection=DetectionSettings(folds=4))).model


def kept(model: Model) -> dict[int, float]:
    assert model.history is not None
    flows = model.history.flows
    return {int(one): float(weight) for one, weight in zip(model.history.ids, flows.weight, strict=True)}


def adds_up(update: Update) -> bool:
    counts = update.counts
    kept_out = counts.still_open + counts.flagged + counts.attacks + counts.excused + counts.ahead
    return counts.read == counts.learned + counts.already_known + kept_out and counts.already_known >= 0


@settings(max_examples=4)
@given(cut=st.integers(60, 340), seed=st.integers(0, 3))
def test_in_two_parts_is_at_once(cut: int, seed: int) -> None:
    flows = make_history(400, seed=seed)
    parts = learn_more(learned(flows[:cut]), flows[cut:], learn_flagged=True)
    whole = learned(flows)
    assert kept(parts.model) == pytest.approx(kept(whole))
    assert adds_up(parts)
    assert parts.model.calibration.threshold_ == pytest.approx(whole.calibration.threshold_, abs=TOLERANCE)
    one, other = ([v.score for v in model.judge(NEW)] for model in (parts.model, whole))
    assert one == pytest.approx(other, abs=TOLERANCE)
    assert parts.model.judge(NEW)[-1].verdict == whole.judge(NEW)[-1].verdict == "anomalous"


@settings(max_examples=4)
@given(st.permutations(make_history(60, seed=4, prefix="n")))
def test_the_order_of_new_flows_does_not_matter(flows: list[Flow]) -> None:
    history = make_history(200)
    straight = learn_more(learned(history), make_history(60, seed=4, prefix="n")).model
    turned = learn_more(learned(history), flows).model
    assert kept(straight) == pytest.approx(kept(turned))
    assert straight.calibration.threshold_ == pytest.approx(turned.calibration.threshold_)


def test_twice_is_once() -> None:
    flows = make_history(100, seed=4, prefix="n")
    once = learn_more(learned(make_history(300)), flows)
    before, threshold = kept(once.model), once.model.calibration.threshold_
    twice = learn_more(once.model, flows)
    assert (twice.counts.learned, twice.changes) == (0, [])
    assert adds_up(twice)
    assert kept(twice.model) == pytest.approx(before)
    assert twice.model.calibration.threshold_ == threshold


def test_the_given_model_stays_as_it_is() -> None:
    model = learned(make_history(300))
    assert model.history is not None
    before = kept(model), model.judge(NEW), model.vocabulary.to_json(), dict(model.history.learned)
    first = learn_more(model, NEW, learn_flagged=True)
    assert first.counts.learned == len(NEW)
    assert (kept(model), model.judge(NEW), model.vocabulary.to_json(), dict(model.history.learned)) == before
    second = learn_more(model, NEW, learn_flagged=True)
    assert second.counts == first.counts
    assert second.model.judge(NEW) == first.model.judge(NEW)


def test_what_is_flagged_is_not_learned_unless_told() -> None:
    attacks = [stolen(f"s{i}", START + 9000 + i) for i in range(30)]
    careful = learn_more(learned(make_history(600)), attacks, learn_releases=False)
    assert (careful.counts.flagged, careful.counts.learned) == (30, 0)
    assert [held.flow for held in careful.left_out] == attacks
    assert careful.model.judge([stolen()])[0].verdict == "anomalous"
    told = learn_more(learned(make_history(600)), attacks, learn_flagged=True)
    assert (told.counts.flagged, told.counts.learned_though_flagged) == (0, 30)
    assert told.model.judge([stolen()])[0].verdict == "normal"
    assert adds_up(careful)
    assert adds_up(told)


def test_flows_of_another_application_are_refused_unless_told() -> None:
    others = make_history(60, function="Pay", prefix="p")
    with pytest.raises(ConfigError, match=r"knows none of the 1 functions in the input \(application shop\)"):
        learn_more(learned(make_history(100)), others)
    update = learn_more(learned(make_history(100)), others, other_application=True)
    assert update.counts.learned_unjudged == 60
    assert [one.function_name for one in update.changes] == ["Pay"]


def test_a_bundle_without_a_history_is_refused() -> None:
    model = learned(make_history(100))
    with pytest.raises(BundleError, match="no history to go on from"):
        learn_more(replace(model, history=None), [])


def test_without_the_networks_library_what_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    model = learned(make_history(100))
    model = replace(model, settings=Settings(detection=DetectionSettings(detectors=("autoencoder",))))
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(ConfigError, match="installs them"):
        learn_more(model, [])


@pytest.mark.usefixtures("quick_network")
def test_an_autoencoder_learns_more_from_the_words_that_the_history_recalls() -> None:
    with_it = Settings(detection=DetectionSettings(detectors=("autoencoder",)))
    old = make_history(250)
    new = [*make_history(150, seed=3, function="Refund", prefix="n"), *make_history(30, seed=4, prefix="o")]
    before = learn(old, with_it).model
    update = learn_more(before, new, learn_flagged=True)
    assert (update.counts.learned, update.counts.learned_unjudged) == (180, 150)
    whole = learn([*old, *new], with_it).model
    tested = [*make_history(40, seed=8, prefix="t"), *make_history(40, seed=9, function="Refund", prefix="u")]
    tested.append(stolen("probe"))
    assert {verdict.verdict for verdict in before.judge(tested[40:80])} == {"not_ready"}
    one, other = ([v.verdict for v in model.judge(tested)] for model in (update.model, whole))
    assert one == other
    assert one[-1] == "anomalous"
    assert one.count("normal") >= 75


def test_flows_dated_years_ahead_are_counted_and_told() -> None:
    model = learn(make_history(300), Settings()).model
    ahead = make_flow(USUAL, flow_id="ahead", start=4_070_908_800.0)
    update = learn_more(model, [*make_history(10, seed=3, prefix="n"), ahead])
    assert (update.counts.read, update.counts.learned, update.counts.ahead) == (11, 10, 1)
    assert update.counts.already_known == 0
    assert any("see to the clock" in line for line in update.training.warnings)
