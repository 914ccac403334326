"""The threshold of the paper, and DBSCAN in one dimension."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.detectors.autoencoder.threshold import FLOOR, by_dbscan, dbscan, threshold

tenths = st.lists(st.integers(0, 60).map(lambda n: n / 8), min_size=1, max_size=60)


@given(values=tenths, eighths=st.integers(1, 12), samples=st.integers(1, 6))
def test_clusters_are_those_of_scikit_learn(values: list[float], eighths: int, samples: int) -> None:
    cluster = pytest.importorskip("sklearn.cluster")
    x = np.array(values)
    found = cluster.DBSCAN(eps=eighths / 8, min_samples=samples).fit(x[:, None]).labels_
    np.testing.assert_array_equal(dbscan(x, eighths / 8, samples), found)


def test_a_far_small_cluster_is_left_out() -> None:
    errors = np.concatenate([np.linspace(0.0, 0.01, 2000), [5.0, 5.0, 5.0, 5.0, 5.0]])
    assert by_dbscan(errors) == pytest.approx(0.02)


def test_a_far_cluster_of_over_a_twentieth_counts() -> None:
    errors = np.concatenate([np.linspace(0.0, 0.01, 90), np.full(10, 5.0)])
    assert by_dbscan(errors) == pytest.approx(10.0)


def test_where_no_cluster_holds_the_largest_error_counts() -> None:
    assert by_dbscan(np.array([1.0, 100.0, 10000.0])) == 20000.0


def test_the_quantile_is_the_alternative() -> None:
    errors = np.linspace(0.0, 1.0, 1001)
    assert threshold(errors, "quantile").value == pytest.approx(0.999)
    assert threshold(errors, "dbscan").value == pytest.approx(2.0)


def test_a_threshold_set_by_one_window_says_so() -> None:
    usual = np.linspace(0.0, 0.01, 100)
    assert not threshold(usual, "dbscan").alone
    assert threshold(np.append(usual, 0.0199), "dbscan").alone
    assert threshold(np.array([0.5]), "dbscan").alone


def test_no_threshold_is_zero() -> None:
    assert threshold(np.zeros(50), "dbscan").value == FLOOR
