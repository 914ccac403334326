"""A history as arrays: what comes back goes on as the first would have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import coldtrail.bundle.history as module
from coldtrail.bundle.history import History
from coldtrail.bundle.history_state import restored, state_of
from coldtrail.features.vocabulary import Vocabulary
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


Forgery = Callable[[Any], Any]


def with_one(value: float) -> Forgery:
    def forge(array: Any) -> Any:
        forged = array.copy()
        forged[len(forged) // 2] = value
        return forged

    return forge


def other_kind(array: Any) -> Any:
    return array.astype(np.float64 if array.dtype.kind != "f" else np.int64)


@pytest.mark.parametrize(
    ("name", "forge"),
    [
        *((name, lambda array: array[:-1]) for name in ("duration", "ids", "ranks", "self_time", "offsets")),
        *((name, lambda array: array[:0]) for name in ("weight", "begin", "strata_weights", "start")),
        *((name, lambda array: array.reshape(1, -1)) for name in ("own_time", "span", "ids")),
        *((name, other_kind) for name in ("trigger", "failed", "step", "error", "complete", "duration")),
        *((name, with_one(-5)) for name in ("step", "function", "trigger", "weight", "strata_weights")),
        *((name, with_one(2**31)) for name in ("step", "function", "caller", "version", "offsets")),
        *((name, with_one(1e300)) for name in ("weight", "strata_weights", "start")),
        ("offsets", lambda array: array + 1),
        ("offsets", with_one(0)),
        ("times", lambda array: array.reshape(-1, 1)),
    ],
)
def test_arrays_that_cannot_be_true_are_refused(name: str, forge: Forgery) -> None:
    history = History(Vocabulary()).add(make_history(50))
    state = state_of(history)
    with pytest.raises((ValueError, IndexError)):
        restored(history.vocabulary, state | {name: forge(state[name])})
