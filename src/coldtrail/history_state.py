"""A history as arrays, to be kept in a bundle, and back."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from coldtrail.features.arriving import as_objects
from coldtrail.features.encode import PER_FLOW, PER_STEP, Encoded, told_by, told_by_head
from coldtrail.features.strata import HALF_LIFE_S, Strata, alike
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.history import History

_DERIVED = frozenset(
    ("action", "resource", "service", "starting", "call", "depth", "group", "application", "alone")
)
"""What the vocabulary tells of each step and function."""
_STORED = (*(name for name in PER_FLOW + PER_STEP if name not in _DERIVED), "offsets")
_CLOSE = 1e-6
"""Weights that differ by less are equal."""

State = dict[str, NDArray[np.generic]]


def state_of(history: History) -> State:
    """All that is kept, as arrays."""
    stored: State = {name: getattr(history.flows, name) for name in _STORED}
    numbers = history.vocabulary.functions.numbers
    learned = [[numbers[key], flows] for key, flows in history.learned.items()]
    return stored | {
        "ids": history.ids,
        "ranks": history.ranks,
        "strata": history.strata.keys,
        "strata_weights": history.strata.weights,
        "times": np.array([history.first, history.reference]),
        "learned": np.array(learned, np.int64).reshape(-1, 2),
        "releases": np.array(
            [(numbers[key], since) for key, since in history.releases.items() if key in numbers]
        ).reshape(-1, 2),
        "names": np.frombuffer(msgspec.json.encode(history.names.tolist()), np.uint8),
    }


def restored(words: Vocabulary, state: State) -> History:
    """The history that `state_of` gave; raises KeyError where an array is missing."""
    history = History(words)
    step = state["step"].astype(np.int64)
    stored: dict[str, Any] = {name: state[name] for name in _STORED}
    function, trigger = (state[name].astype(np.int64) for name in ("function", "trigger"))
    told = told_by_head(function, trigger, words) | told_by(step, words)
    history.flows = Encoded(**stored, **told)
    history.ids, history.ranks = state["ids"].astype(np.uint64), state["ranks"].astype(np.float64)
    history.names = as_objects(msgspec.json.decode(state["names"].tobytes(), type=list[tuple[str, str]]))
    history.first, history.reference = state["times"].astype(np.float64).tolist()
    weights = state["strata_weights"].astype(np.float64)
    history.strata = _bounded(history, Strata.of(state["strata"].astype(np.uint64), weights))
    learned = state["learned"].astype(np.int64).tolist()
    releases = state["releases"].astype(np.float64).tolist()
    history.releases = {words.functions[int(function)]: since for function, since in releases}
    history.learned = Counter({words.functions[function]: flows for function, flows in learned})
    return history


def _bounded(history: History, strata: Strata) -> Strata:
    """The strata with the bounds that their samples show: there are some where flows were left out."""
    of = strata.places(alike(history.flows))
    faded = np.exp2((history.flows.start - history.reference) / HALF_LIFE_S)
    kept = np.bincount(of, faded, len(strata.keys))
    largest = np.full(len(strata.keys), -np.inf)
    np.maximum.at(largest, of, history.ranks)
    bounds = np.where(strata.weights > kept * (1.0 + _CLOSE), largest, np.inf)
    return Strata(strata.keys, strata.weights, bounds)
