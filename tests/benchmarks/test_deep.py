"""The table of the autoencoders beside plain Keras, and that plain Keras is the same network."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from benchmarks.deep import Measured, compared, row
from benchmarks.plain_keras import PlainKeras, untrained
from coldtrail.detectors.autoencoder import FAITHFUL, Autoencoder
from coldtrail.detectors.autoencoder.learner import build
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.testing import make_history


def test_a_bar_is_met_from_the_right_side() -> None:
    assert row("s", 200.0, 100.0, 120.0, most=True) == ("s", "200", "100", "2.00", "<= 120", True)
    assert not row("s", 200.0, 130.0, 120.0, most=True)[-1]
    assert row("flows/s", 100.0, 3_000.0, 2_500.0, most=False)[3:] == ("30.00", ">= 2,500", True)
    assert row("PR-AUC", None, 0.5, None, most=False) == ("PR-AUC", "", "0.5", "", "", True)


def test_our_error_may_not_be_larger_than_theirs() -> None:
    ours = Measured(1.0, 1.0, 9_000.0, {3: 0.02}, 0.9, 0.8)
    theirs = Measured(9.0, 9.0, 90.0, {3: 0.01}, 0.9, 0.8)
    assert [what for what, *_, met in compared(ours, theirs) if not met] == ["validation error, windows of 3"]
    assert all(met for *_, met in compared(theirs, None)[3:])


@pytest.mark.parametrize("size", FAITHFUL.windows)
def test_plain_keras_is_the_same_network(size: int) -> None:
    ours = build(size, 23, FAITHFUL)
    assert [one.shape for one in ours.weights] == [one.shape for one in untrained(size, 23, FAITHFUL).weights]


@pytest.mark.slow
def test_plain_keras_learns_the_same_windows() -> None:
    few = msgspec.structs.replace(FAITHFUL, windows=(3,), units=(8, 4), epochs=1)
    flows = encode(make_history(30), Vocabulary())
    plain = PlainKeras(flows, 1, few)
    ours = build(3, 23, few)
    assert [one.shape for one in ours.weights] == [one.shape for one in plain._models[3].weights]
    error, flow = plain.errors(flows, 3)
    assert len(error) == len(flow) == np.maximum(flows.lengths - 2, 1).sum()
    assert (plain.strengths(flows) > 0).all()
    assert len(Autoencoder(few).kept_back(flows)) == 6
