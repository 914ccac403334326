"""The enquiry: one training a variant, one table of all."""

from __future__ import annotations

from coldtrail.detectors.autoencoder import FAITHFUL
from coldtrail_paper.dataset import Data
from coldtrail_paper.enquiry import FIGURES, Varied, table, vary
from lab.tests.paper.small_runs import StandIn


def test_a_variant_is_trained_with_its_change(data: Data) -> None:
    found = vary({"windows": (4,)}, data, 1, FAITHFUL, StandIn)
    assert found.figures["recall"] == 1.0
    assert found.figures["fpr"] == 0.0
    assert {"airline data_leakage", "vod repeated_operation"} <= set(found.figures)
    assert found.figures["airline PR-AUC"] == found.figures["vod PR-AUC"] == 1.0
    assert found.gain == (0.2 - 0.19) / 0.2


def test_the_table_has_a_row_a_variant_with_mean_and_spread() -> None:
    def one(recall: float) -> Varied:
        return Varied(dict.fromkeys(FIGURES, recall) | {"vod data_leakage": 1.0}, 10.0, 0.05)

    rows = {"as published": [one(0.5), one(0.7)], "tanh cells": [one(1.0)], "bold": [None]}
    lines = table(rows).splitlines()
    assert len(lines) == 5
    assert "| bold | 0 of 1, else diverged | - |" in lines[4]
    assert len({line.count("|") for line in lines}) == 1
    assert "0.600 ± 0.141" in lines[2]
    assert "| 1.000 |" in lines[3]
    assert "5.0 %" in lines[2]
