"""A history as the arrays of a bundle, and back.

What follows from the rest is not kept: ids and ranks follow from names and starts, kinds from flows, and the
weight of a flow from that of its kind.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from coldtrail.bundle.history import History
from coldtrail.features.arrays import MOST, Array, check, floats, integers
from coldtrail.features.arriving import as_objects
from coldtrail.features.batch import PER_FLOW, PER_STEP, Encoded, narrowed
from coldtrail.features.encode import INVOCATIONS, encode, told_by, told_by_head
from coldtrail.features.hashing import each_once
from coldtrail.features.strata import HALF_LIFE_S, Strata, alike, hashed, ranks_of
from coldtrail.features.vocabulary import ABSENT, UNKNOWN, Vocabulary

_DERIVED = frozenset(
    ("action", "resource", "service", "starting", "call", "depth", "group", "application", "alone")
)
"""What the vocabulary tells of each step and function."""
_FOLLOWING = frozenset(("weight", "self_time"))
_STORED = (*(name for name in PER_FLOW + PER_STEP if name not in _DERIVED | _FOLLOWING), "offsets")
_CLOSE = 1e-6
"""Weights that differ by less are equal."""
_SECONDS = ("duration", "own_time", "span", "self_time")
"""What takes time, and never less than none."""
_ROUNDING_S = 1e-3
"""Far more than differences of clock times are rounded by."""
MOST_SECONDS = 1e12
_MOST_WEIGHT = 1e15
"""No history has met more flows."""

_DECLARED = (
    floats("strata_weights", "kind", most=_MOST_WEIGHT),
    floats("times", 2, least=-np.inf, most=np.inf),
    integers("learned", "learner", 2, least=(1, 0), most=("functions", MOST)),
    floats("releases", "release", 2, least=(1, -MOST), most=("functions", MOST)),
    Array("names", np.uint8, ("byte",)),
)
"""What is no array of flows or steps."""

State = dict[str, NDArray[np.generic]]


def state_of(history: History) -> State:
    """All that is kept, as arrays."""
    stored: State = {name: getattr(history.flows, name) for name in _STORED}
    stored["step"] = history.flows.step.astype(np.int64)
    numbers = history.vocabulary.functions.numbers
    learned = [[numbers[key], flows] for key, flows in history.learned.items()]
    return (
        stored
        | _self_times(history.flows)
        | {
            "strata_weights": history.strata.weights[history.strata.places(each_once(alike(history.flows)))],
            "times": np.array([history.first, history.reference]),
            "learned": np.array(learned, np.int64).reshape(-1, 2),
            "releases": np.array(
                [(numbers[key], since) for key, since in history.releases.items() if key in numbers]
            ).reshape(-1, 2),
            "names": np.frombuffer(msgspec.json.encode(history.names.tolist()), np.uint8),
        }
    )


def _self_times(flows: Encoded) -> State:
    """The seconds that others take within each step, which are few, where a step's own follow from them."""
    within = flows.span - flows.self_time
    follows = np.array_equal(flows.span - within, flows.self_time)
    return {"within": within} if follows else {"self_time": flows.self_time}


def restored(words: Vocabulary, state: State) -> History:
    """The history that `state_of` gave.

    Raises KeyError where an array is missing, and ValueError or IndexError where one is inconsistent.
    """
    history = History(words)
    check(state, _DECLARED, {"functions": len(words.functions)})
    stored = _flow_arrays(words, state)
    told = told_by_head(stored["function"], stored["trigger"], words) | told_by(stored["step"], words)
    flows = Encoded(**stored, **told, weight=np.ones(len(stored["function"])))
    names = msgspec.json.decode(state["names"].tobytes(), type=list[tuple[str, str]])
    history.names = _of_length(as_objects(names), len(flows))
    history.ids = hashed([" ".join(name) for name in names])
    history.ranks = ranks_of(flows.start, history.ids)
    history.first, history.reference = _of_length(state["times"].astype(np.float64), 2).tolist()
    _within(flows.start, -np.inf, history.reference)
    keys, kind, sizes = np.unique(alike(flows), return_inverse=True, return_counts=True)
    weights = _of_length(state["strata_weights"].astype(np.float64), len(keys))
    _within(weights, 0.0, _MOST_WEIGHT)
    history.flows = narrowed(flows.weighing((weights / sizes)[kind]))
    history.strata = _bounded(history, Strata.of(keys, weights))
    learned = state["learned"].astype(np.int64).tolist()
    releases = state["releases"].astype(np.float64).tolist()
    history.releases = {words.functions[int(function)]: since for function, since in releases}
    history.learned = Counter({words.functions[function]: flows for function, flows in learned})
    return history


def _flow_arrays(words: Vocabulary, state: State) -> dict[str, Any]:
    """The stored arrays of the flows, checked against the vocabulary."""
    kinds = encode([], words)
    found: dict[str, Any] = {}
    for name in _STORED:
        array = state[name]
        if array.dtype != getattr(kinds, name).dtype:
            raise ValueError(f"{name} holds other numbers than it should")
        found[name] = array
    own = "within" if "within" in state else "self_time"
    if state[own].dtype != np.float64:
        raise ValueError(f"{own} holds other numbers than it should")
    found["self_time"] = found["span"] - state[own] if own == "within" else state[own]
    steps = int(found["offsets"][-1])
    for name, array in found.items():
        _of_length(array, steps if name in PER_STEP else len(found["function"]) + (name == "offsets"))
    if found["offsets"][0] != 0 or (np.diff(found["offsets"]) < 0).any():
        raise ValueError("steps without a flow")
    for name, numbered in (
        ("trigger", words.triggers),
        ("caller", words.callers),
        ("version", words.versions),
    ):
        _within(found[name], ABSENT, len(numbered))
    _within(found["invocation"], ABSENT, max(INVOCATIONS.values()))
    _within(found["function"], 1, len(words.functions))
    _within(found["step"], UNKNOWN, len(words.steps))
    for name in _SECONDS:
        _within(found[name], -_ROUNDING_S, MOST_SECONDS)
    _within(found["begin"], -MOST_SECONDS, MOST_SECONDS)
    return found


def _of_length(array: NDArray[Any], length: int) -> NDArray[Any]:
    if array.shape != (length,):
        raise ValueError("arrays of different lengths")
    return array


def _within(array: NDArray[Any], least: float, most: float) -> None:
    if not ((array >= least) & (array <= most)).all():
        raise ValueError("numbers that cannot be")


def _bounded(history: History, strata: Strata) -> Strata:
    """The strata with the bounds that their samples show: there are some where flows were left out."""
    of = strata.places(alike(history.flows))
    faded = np.exp2((history.flows.start - history.reference) / HALF_LIFE_S)
    kept = np.bincount(of, faded, len(strata.keys))
    largest = np.full(len(strata.keys), -np.inf)
    np.maximum.at(largest, of, history.ranks)
    bounds = np.where(strata.weights > kept * (1.0 + _CLOSE), largest, np.inf)
    return Strata(strata.keys, strata.weights, bounds)
