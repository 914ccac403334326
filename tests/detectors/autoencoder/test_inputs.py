"""Flows as windows of scaled vectors."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from coldtrail.detectors.autoencoder.chars2vec import chars2vec
from coldtrail.detectors.autoencoder.familiarity import Familiarity
from coldtrail.detectors.autoencoder.inputs import (
    FARTHEST,
    Reading,
    Scale,
    distinct,
    feature_of,
    features,
    padded,
    scaled_columns,
    seconds,
    vectors,
    windows,
)
from coldtrail.detectors.autoencoder.recipe import FAITHFUL
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.testing import make_flow

GET = ("GetItem", "DynamoDB", "Stock", 0.25)
LOG = msgspec.structs.replace(FAITHFUL, scaling="log", function_name=True)
FLOWS = encode([make_flow([GET] * 4), make_flow([]), make_flow([GET])], Vocabulary())
"""Six, two and three steps: each has its Invocation and its Overhead."""


def test_a_vector_holds_five_words_two_times_and_the_depth() -> None:
    rows = vectors(FLOWS.wording, FAITHFUL)
    assert rows.shape == (11, 23)
    assert len(features(FAITHFUL)) == 8
    assert feature_of(FAITHFUL).tolist() == [k for k in range(5) for _ in range(4)] + [5, 6, 7]
    call = 1
    words = ["shop", "GetItem", "DynamoDB", "Invocation", "Stock"]
    np.testing.assert_array_equal(rows[call, :20].reshape(5, 4), chars2vec()(words)[:, :4])
    assert rows[call, 20] == pytest.approx(0.25, abs=1e-6)
    assert rows[call, 21] == pytest.approx(0.001, abs=1e-6)
    assert rows[call, 22] == 2
    assert not rows[0, 12:20].any()


def test_a_recipe_may_add_the_functions_name_and_take_logarithms() -> None:
    rows = vectors(FLOWS.wording, LOG)
    assert rows.shape == (11, 27)
    assert seconds(rows[1, 24], LOG) == pytest.approx(0.25, abs=1e-6)
    assert seconds(1e9, LOG) < np.inf
    assert seconds(-1.0, FAITHFUL) == 0.0


def test_the_history_is_scaled_from_0_to_1_and_constants_stay_finite() -> None:
    rows = np.array([[1.0, 5.0], [3.0, 5.0]])
    scale = Scale.of(rows)
    assert scale.scaled(rows).tolist() == [[0.0, 0.0], [1.0, 0.0]]
    assert scale.scaled(np.array([[5.0, 6.0], [1e300, 5.0]])).tolist() == [[2.0, 1.0], [FARTHEST, 0.0]]


def test_what_counts_say_stands_behind_the_scaled_columns() -> None:
    counted = msgspec.structs.replace(FAITHFUL, counted=True)
    scale = Scale.of(vectors(FLOWS.wording, counted))
    plain = Reading(FAITHFUL, scale, None).rows(FLOWS)
    rows = Reading(counted, scale, Familiarity.of(FLOWS)).rows(FLOWS)
    assert (plain.shape, rows.shape) == ((11, 23), (11, 25))
    np.testing.assert_array_equal(rows[:, :23], plain)
    assert feature_of(counted).tolist() == [*feature_of(FAITHFUL).tolist(), 8, 9]
    assert features(counted)[8:] == ("surprise", "lateness")
    assert scaled_columns(counted) == scaled_columns(FAITHFUL) == 23


def test_windows_move_by_one_and_short_flows_are_padded() -> None:
    steps, flow = windows(FLOWS, 3)
    assert flow.tolist() == [0, 0, 0, 0, 1, 2]
    assert steps.tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [6, 7, 11], [8, 9, 10]]
    rows = padded(np.ones((11, 2), np.float32))
    assert rows[steps[4]].tolist() == [[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]]


def test_a_flow_without_steps_is_one_window_of_padding() -> None:
    nothing = encode(
        [msgspec.structs.replace(make_flow([]), events=(), depths=(), self_times=())], Vocabulary()
    )
    steps, flow = windows(nothing, 5)
    assert steps.tolist() == [[0] * 5]
    assert flow.tolist() == [0]


def test_equal_windows_are_found_by_their_content() -> None:
    rows = np.array([[1, 2], [3, 4], [1, 2], [0, 0]], np.float32)
    first, of = distinct(rows, np.array([[0, 1], [2, 1], [1, 0]]))
    assert len(first) == 2
    assert of[0] == of[1] != of[2]
