"""A history as arrays: what comes back goes on as the first would have."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import coldtrail.bundle.history as module
from coldtrail.bundle.history import History
from coldtrail.bundle.history_state import restored, state_of
from coldtrail.features.batch import PER_FLOW, PER_STEP
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


def test_what_is_not_kept_follows_from_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ALIKE", 15)
    history = History(Vocabulary()).add(make_history(300))
    state = state_of(history)
    assert not state.keys() & {"ids", "ranks", "strata", "weight", "self_time"}
    back = restored(Vocabulary.from_json(history.vocabulary.to_json()), state)
    assert back.ids.tolist() == history.ids.tolist()
    assert back.ranks.tolist() == history.ranks.tolist()
    assert back.strata.keys.tolist() == history.strata.keys.tolist()
    for name in (*PER_FLOW, *PER_STEP, "offsets"):
        np.testing.assert_array_equal(getattr(back.flows, name), getattr(history.flows, name), name)


def test_own_times_that_do_not_follow_are_kept() -> None:
    """0.1 - (0.1 - 0.0123) is not 0.0123 in float64."""
    history = History(Vocabulary()).add(make_history(50))
    odd = np.where(np.arange(len(history.flows.step)) == 7, 0.0123, history.flows.self_time)
    history.flows = replace(history.flows, span=history.flows.span * 0 + 0.1, self_time=odd)
    state = state_of(history)
    assert "within" not in state
    assert restored(history.vocabulary, state).flows.self_time.tolist() == odd.tolist()


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
        *((name, lambda array: array[:-1]) for name in ("duration", "names", "within", "offsets")),
        *((name, lambda array: array[:0]) for name in ("begin", "strata_weights", "start")),
        *((name, lambda array: array.reshape(1, -1)) for name in ("own_time", "span", "trigger")),
        *((name, other_kind) for name in ("trigger", "failed", "step", "error", "complete", "duration")),
        *((name, with_one(-5)) for name in ("step", "function", "trigger", "strata_weights")),
        *((name, with_one(2**31)) for name in ("step", "function", "caller", "version", "offsets")),
        ("invocation", with_one(3)),
        *((name, with_one(1e300)) for name in ("strata_weights", "start")),
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


@pytest.mark.parametrize(
    "name", ["strata_weights", "times", "learned", "releases", "within", "duration", "step"]
)
@pytest.mark.parametrize("kind", [np.complex128, np.float32, np.int8, np.bool_, "V8", "S4", np.str_])
def test_arrays_of_other_kinds_are_refused_and_never_turned_into_the_right_one(name: str, kind: Any) -> None:
    history = History(Vocabulary()).add(make_history(50))
    state = state_of(history)
    forged = np.zeros(state[name].shape, kind)
    with warnings.catch_warnings(action="error"), pytest.raises((ValueError, KeyError)):
        restored(history.vocabulary, state | {name: forged})


@pytest.mark.parametrize("function", [0, -1, 2, 2**40])
def test_learned_flows_of_functions_that_are_not_there_are_refused(function: int) -> None:
    history = History(Vocabulary()).add(make_history(50))
    state = state_of(history) | {"learned": np.array([[function, 50]])}
    with pytest.raises(ValueError, match="learned holds numbers"):
        restored(history.vocabulary, state)


@pytest.mark.parametrize("name", ["duration", "own_time", "span", "within"])
@pytest.mark.parametrize("seconds", [-1.0, 1e300, np.nan])
def test_times_that_nothing_takes_are_refused(name: str, seconds: float) -> None:
    history = History(Vocabulary()).add(make_history(50))
    state = state_of(history)
    forged = state[name].copy()
    forged[3] = -seconds if name == "within" and seconds > 0 else seconds
    if name == "within" and seconds < 0:
        forged[3] = 1e6
    with pytest.raises(ValueError, match="numbers that cannot be"):
        restored(history.vocabulary, state | {name: forged})
