"""The laws that every detector keeps."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from coldtrail.bundle.model import new_detectors
from coldtrail.detectors.autoencoder import Autoencoder
from coldtrail.detectors.detector import Detector, Place, State
from coldtrail.errors import ConfigError
from coldtrail.features.arrays import check
from coldtrail.features.batch import Encoded, narrowed
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.registry import DETECTORS
from coldtrail.testing import make_flow, make_history
from tests.detectors.autoencoder.quick import quickly
from tests.findings import said
from tests.forgeries import forgeries

STRANGE = [
    make_flow([], flow_id="empty"),
    make_flow([("GetItem", "DynamoDB", "Stock", 0.01)], flow_id="one"),
    make_flow([("DeleteBucket", "S3", "never-seen", 7.5)] * 30, flow_id="new"),
    make_flow([("GetItem", "DynamoDB", "Stock", 0.01)], flow_id="stranger", function="NeverMet"),
    make_flow([("PutItem", "DynamoDB", "Orders", 0.0)] * 9, flow_id="repeats", trigger=None),
    make_flow([("Publish", "SNS", "order-events", 1e6)], flow_id="long", trigger="AWS::SNS unheard-of"),
    make_flow([("GetItem", "DynamoDB", "Stock", 0.01)], flow_id="open", complete=False),
]


def untrained(name: str, windows: tuple[int, ...] = (3, 5)) -> Detector:
    """A registered detector; one that learns in epochs takes few, and its networks are of few units: the
    laws ask for no size. `tests/detectors/autoencoder` tests networks of full size."""
    detector = new_detectors([name])[name]
    if isinstance(detector, Autoencoder):
        quickly(detector)
        detector.recipe = msgspec.structs.replace(detector.recipe, windows=windows, units=(8, 4))
    return detector


@pytest.fixture(scope="module")
def history() -> list[Flow]:
    return make_history(400) + make_history(30, seed=1, function="Quiet", prefix="q")


@pytest.fixture(scope="module")
def words(history: list[Flow]) -> Vocabulary:
    vocabulary = Vocabulary()
    learn_words(history, vocabulary)
    return vocabulary


@pytest.fixture(scope="module")
def learned(history: list[Flow], words: Vocabulary) -> Encoded:
    return encode(history, words)


@pytest.fixture(scope="module")
def tested(words: Vocabulary) -> Encoded:
    return encode(make_history(60, seed=2, prefix="t") + STRANGE, words)


@pytest.fixture(scope="module", params=sorted(DETECTORS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def detector(name: str, learned: Encoded) -> Detector:
    return untrained(name).fit(learned)


def test_scores_are_finite_and_never_negative(detector: Detector, tested: Encoded) -> None:
    scores = detector.score(tested)
    assert scores.shape == (len(tested), len(detector.channels))
    assert np.isfinite(scores).all()
    assert (scores >= 0).all()
    assert len({channel.name for channel in detector.channels}) == len(detector.channels)


def test_contributions_add_up_to_the_score(detector: Detector, tested: Encoded) -> None:
    steps, whole = detector.explain(tested)
    total = whole.copy()
    np.add.at(total, tested.flow_of, steps)
    np.testing.assert_allclose(total, detector.score(tested), rtol=1e-9, atol=1e-9)


def test_something_strange_scores_above_all_history(
    detector: Detector, learned: Encoded, tested: Encoded
) -> None:
    usual = detector.score(learned).max(axis=0)
    assert (detector.score(tested).max(axis=0) > usual).any()


def test_the_input_is_left_as_it_was(name: str, learned: Encoded, tested: Encoded) -> None:
    before = copy.deepcopy((learned, tested))
    detector = untrained(name).fit(learned)
    detector.score(tested)
    detector.explain(tested)
    for old, new in zip(before, (learned, tested), strict=True):
        for field in ("function", "cold", "trigger", "own_time", "step", "action", "resource", "self_time"):
            np.testing.assert_array_equal(getattr(old, field), getattr(new, field))


def test_learning_twice_gives_the_same_scores(
    name: str, detector: Detector, learned: Encoded, tested: Encoded
) -> None:
    again = untrained(name).fit(learned)
    np.testing.assert_array_equal(again.score(tested), detector.score(tested))


def test_state_restores_the_scores(name: str, detector: Detector, tested: Encoded) -> None:
    restored = untrained(name).restore(detector.state())
    np.testing.assert_array_equal(restored.score(tested), detector.score(tested))


def test_pieces_score_as_the_whole_does(detector: Detector, tested: Encoded) -> None:
    pieces = np.array_split(np.arange(len(tested)), 9)
    parts = [detector.score(tested.take(piece)) for piece in pieces]
    np.testing.assert_allclose(np.concatenate(parts), detector.score(tested), rtol=1e-12)


def test_flows_explained_together_are_explained_as_each_alone(detector: Detector, tested: Encoded) -> None:
    alone = [detector.explain(tested.take(np.array([i]))) for i in range(len(tested))]
    steps, whole = detector.explain(tested)
    np.testing.assert_allclose(np.concatenate([one.steps for one in alone]), steps, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.concatenate([one.whole for one in alone]), whole, rtol=1e-9, atol=1e-12)


def test_the_order_of_flows_does_not_matter(
    name: str, detector: Detector, learned: Encoded, tested: Encoded
) -> None:
    shuffled = np.random.default_rng(3).permutation(len(learned))
    other = untrained(name).fit(learned.take(shuffled))
    np.testing.assert_allclose(other.score(tested), detector.score(tested), rtol=1e-9)
    order = np.random.default_rng(4).permutation(len(tested))
    np.testing.assert_allclose(detector.score(tested.take(order)), detector.score(tested)[order])


def test_a_part_of_the_flows_is_learned_as_if_there_were_no_others(name: str, learned: Encoded) -> None:
    if untrained(name).kept_back(learned) is not None:
        return  # it is learned once, and calibrated by what it keeps back
    part = np.random.default_rng(5).random(len(learned)) < 0.7
    fit = untrained(name).fits(learned)
    for some in (part, ~part):
        found, alone = fit(some, 0.5).state(), untrained(name).fit(learned.take(np.flatnonzero(some)), 0.5)
        assert list(found) == list(alone.state())
        for array, values in alone.state().items():
            np.testing.assert_allclose(found[array], values, rtol=1e-12)


def test_numbers_of_fewer_bits_are_learned_and_judged_alike(
    name: str, detector: Detector, learned: Encoded, tested: Encoded
) -> None:
    few = untrained(name).fit(narrowed(learned))
    np.testing.assert_array_equal(few.score(narrowed(tested)), detector.score(tested))
    assert [one.dtype for one in few.state().values()] == [one.dtype for one in detector.state().values()]


def test_no_flows_at_all_are_no_trouble(name: str, detector: Detector, tested: Encoded) -> None:
    nothing = tested.take(np.array([], np.int64))
    assert detector.score(nothing).shape == (0, len(detector.channels))
    unlearned = untrained(name).fit(nothing)
    assert np.isfinite(unlearned.score(tested)).all()


def test_times_within_the_limits_change_no_score(detector: Detector, tested: Encoded) -> None:
    limits = detector.limits(tested)
    if limits is None:
        return
    limits = np.minimum(limits, 1e9)
    assert (limits >= 0).all()
    steps = len(tested.step)
    timeless, longest = (
        replace(tested, self_time=factor * limits[:steps], own_time=factor * limits[steps:])
        for factor in (0.0, 1.0)
    )
    np.testing.assert_array_equal(detector.score(timeless), detector.score(longest))


def test_every_contribution_has_words(detector: Detector, tested: Encoded, words: Vocabulary) -> None:
    flows = make_history(60, seed=2, prefix="t") + STRANGE
    steps, whole = detector.explain(tested)
    for i, flow in enumerate(flows):
        for channel in range(len(detector.channels)):
            rows = np.flatnonzero(steps[tested.offsets[i] : tested.offsets[i + 1], channel] > 0)
            places = [Place(i, int(row), channel) for row in rows]
            places += [Place(i, None, channel)] if whole[i, channel] > 0 else []
            for place in places:
                assert all(said(detector, tested, place, flow, words))


def test_evidence_of_many_places_is_that_of_each_alone(
    detector: Detector, tested: Encoded, words: Vocabulary
) -> None:
    flows = make_history(60, seed=2, prefix="t") + STRANGE
    steps, whole = detector.explain(tested)
    rows, channels = np.nonzero(steps)
    at = tested.flow_of[rows]
    places = list(map(Place, at.tolist(), (rows - tested.offsets[at]).tolist(), channels.tolist()))
    places += [Place(flow, None, channel) for flow, channel in np.argwhere(whole).tolist()]
    assert len(places) >= 3
    together = detector.evidences(tested, places, [flows[place.flow] for place in places], words)
    for place, evidence in zip(places, together, strict=True):
        alone = tested.take(np.array([place.flow]))
        assert detector.evidence(alone, place._replace(flow=0), flows[place.flow], words) == evidence
    assert detector.evidences(tested, [], [], words) == []


def numbers_of(words: Vocabulary) -> dict[str, int]:
    return {name: len(getattr(words, name)) for name in ("functions", "steps", "triggers")}


def test_what_is_stored_is_as_declared(name: str, detector: Detector, words: Vocabulary) -> None:
    state = detector.state()
    check(state, detector.arrays, numbers_of(words))
    if not isinstance(detector, Autoencoder):
        assert [array.name for array in detector.arrays] == list(state)


def test_what_was_learned_of_nothing_is_as_declared(name: str, tested: Encoded, words: Vocabulary) -> None:
    unlearned = untrained(name).fit(tested.take(np.array([], np.int64)))
    check(unlearned.state(), unlearned.arrays, numbers_of(words))
    untrained(name).restore(unlearned.state())


def test_a_forged_array_is_refused_or_judged_by(name: str, learned: Encoded, words: Vocabulary) -> None:
    # One network is enough, since it is judged by again and again.
    state = untrained(name, windows=(3,)).fit(learned).state()
    few = encode(STRANGE, words)
    refused = 0
    for array in state:
        for told, forged in [*forgeries(state[array]), ("missing", None)]:
            restored = accepted(name, state, array, forged, words)
            refused += restored is None
            if restored is not None:
                assert np.isfinite(restored.score(few)).all(), (array, told)
                tell_all(restored, few, words)
    assert refused > len(state)


def accepted(
    name: str, state: State, array: str, forged: NDArray[Any] | None, words: Vocabulary
) -> Detector | None:
    """The detector that knows a forged state; None where that is refused as loading a bundle refuses it."""
    other = {key: value for key, value in state.items() if key != array}
    if forged is not None:
        other[array] = forged
    new = new_detectors([name])[name]
    try:
        check(other, new.arrays, numbers_of(words))
        return new.restore(other)
    except (ValueError, KeyError, IndexError, TypeError, ConfigError):
        return None


def tell_all(detector: Detector, few: Encoded, words: Vocabulary) -> None:
    """Nothing; every contribution has been put into words."""
    steps, whole = detector.explain(few)
    for row, channel in np.argwhere(steps > 0).tolist():
        flow = int(few.flow_of[row])
        place = Place(flow, row - int(few.offsets[flow]), channel)
        assert said(detector, few, place, STRANGE[flow], words).seen
    for flow, channel in np.argwhere(whole > 0).tolist():
        assert said(detector, few, Place(flow, None, channel), STRANGE[flow], words).seen
