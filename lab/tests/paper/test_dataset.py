"""The order that mixes applications."""

from __future__ import annotations

import numpy as np

from coldtrail_paper.dataset import interleaved


def test_each_application_keeps_its_order_and_is_spread_evenly() -> None:
    application = np.array(["a"] * 10 + ["b"] * 30)
    order = interleaved(application)
    mixed = application[order]
    assert order[mixed == "a"].tolist() == list(range(10))
    assert order[mixed == "b"].tolist() == list(range(10, 40))
    assert (mixed[-8:] == "a").sum() == 2
