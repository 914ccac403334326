"""Figures by hand."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail_paper.metrics import Figures, each_attack, figures, recall_at


def test_the_shares_follow_from_the_counts() -> None:
    found = Figures(malicious=10, found=8, benign=100, false_alarms=2)
    assert (found.precision, found.recall, found.fpr, found.fnr) == (0.8, 0.8, 0.02, 0.2)
    assert found.f1 == pytest.approx(0.8)


def test_a_share_without_a_denominator_is_none() -> None:
    nothing = Figures(0, 0, 0, 0)
    assert (nothing.precision, nothing.recall, nothing.f1, nothing.fpr, nothing.fnr) == (None,) * 5


def test_alarms_are_counted_against_labels() -> None:
    alarm, malicious = np.array([True, True, False, False, True]), np.array([True, False, True, False, True])
    assert figures(alarm, malicious) == Figures(3, 2, 2, 1)
    assert figures(alarm, malicious, np.array([5.0, 0.0, 4.0, 1.0, 3.0])).pr_auc == 1.0


def test_an_attack_is_set_against_the_benign_runs_of_its_function() -> None:
    attack = np.array(["leak", "", "", "swap", "", "leak"])
    function = np.array(["a", "a", "b", "a", "a", "a"])
    alarm = np.array([True, True, True, False, False, False])
    found = each_attack(alarm, attack, function)
    assert found == {"leak": Figures(2, 1, 2, 1), "swap": Figures(1, 0, 2, 1)}


def test_the_recall_at_a_rate_lets_no_more_benign_flows_alarm() -> None:
    strength = np.array([9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0])
    malicious = np.array([True, False, True, False, False, True, False, False])
    assert recall_at(0.0, malicious, strength) == pytest.approx(1 / 3)
    assert recall_at(0.2, malicious, strength) == pytest.approx(2 / 3)
    assert recall_at(0.0, np.ones(8, np.bool_), strength) is None
    assert recall_at(0.0, np.zeros(8, np.bool_), strength) is None
