"""A history as arrays: what comes back goes on as the first would have."""

from __future__ import annotations

import numpy as np
import pytest

import coldtrail.history as module
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.history import History
from coldtrail.history_state import restored, state_of
from coldtrail.testing import make_history


def test_the_bounds_of_what_was_left_out_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALIKE", 15)
    history = History(Vocabulary()).add(make_history(300))
    back = restored(Vocabulary.from_json(history.vocabulary.to_json()), state_of(history))
    assert np.isfinite(history.strata.bounds).any()
    assert np.isinf(history.strata.bounds).any()
    assert back.strata.bounds == pytest.approx(history.strata.bounds)
    assert back.strata.weights.tolist() == history.strata.weights.tolist()
    assert (back.first, back.reference, back.learned) == (history.first, history.reference, history.learned)


def test_flows_of_kinds_that_are_not_named_are_refused() -> None:
    history = History(Vocabulary()).add(make_history(50))
    state = state_of(history)
    with pytest.raises(ValueError, match="negative"):
        restored(history.vocabulary, state | {"strata": state["strata"] + np.uint64(1)})
