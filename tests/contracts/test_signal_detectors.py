"""The law of detectors of signals: any cut of the encounters, any `until` between, any snapshot and restore
give the same signals; state is bounded, and damage in it is told as such."""

from __future__ import annotations

from functools import cache
from math import inf
from random import Random

import msgspec
import numpy as np
import pytest

from coldtrail.bundle.parts import packed, unpacked
from coldtrail.config import BaselineSettings
from coldtrail.detectors.signal_detector import SignalDetector
from coldtrail.errors import BundleError
from coldtrail.records.encounter import Encounter
from coldtrail.records.signal import Signal
from coldtrail.registry import SIGNAL_DETECTORS, load
from tests.contracts.encounters import fortnight

MOST_BYTES = 8 * 1024
"""Of state for each function."""
FUNCTIONS = 2
FIXED_BYTES = 64 * 1024
"""Of state for the account as a whole: what any caller or pattern shares."""


def made(name: str) -> SignalDetector:
    one = load(SIGNAL_DETECTORS, name, "detector of signals")(BaselineSettings())
    assert isinstance(one, SignalDetector)
    return one


@cache
def seen_by(name: str) -> tuple[Encounter, ...]:
    return tuple(one for one in fortnight() if isinstance(one.what, made(name).sees))


@cache
def at_once(name: str) -> tuple[Signal, ...]:
    return tuple(made(name).see(seen_by(name), inf))


pytestmark = pytest.mark.parametrize("name", SIGNAL_DETECTORS)


def test_it_bears_the_name_by_which_it_is_registered(name: str) -> None:
    assert made(name).name == name


@pytest.mark.parametrize("seed", range(3))
def test_cuts_and_stops_change_nothing(name: str, seed: int) -> None:
    random, one, out = Random(seed), made(name), list[Signal]()
    encounters = seen_by(name)
    cuts = sorted({random.choice(encounters).at for _ in range(12)})
    for since, until in zip([-inf, *cuts], [*cuts, inf], strict=True):
        out += one.see([e for e in encounters if since <= e.at < until], until)
        if random.random() < 0.5:
            state = one.snapshot()
            one = made(name)
            one.restore(state)
    assert msgspec.json.encode(sorted(out, key=_order)) == msgspec.json.encode(
        sorted(at_once(name), key=_order)
    )


def _order(signal: Signal) -> tuple[float, float, str, str]:
    return signal.at, signal.since, signal.finding.kind, repr(signal)


def test_signals_are_sound(name: str) -> None:
    signals = at_once(name)
    for one in signals:
        assert one.detector == name
        assert one.since <= one.at < inf
        assert 0.0 <= one.strength < inf
        assert len(one.refs) <= 20
        assert one.finding.subject.kind in ("function", "principal", "application")


def test_something_of_the_strange_day_is_told(name: str) -> None:
    assert at_once(name)


def test_state_is_small_and_plain(name: str) -> None:
    one = made(name)
    one.see(seen_by(name), inf)
    state = one.snapshot()
    assert all(isinstance(array, np.ndarray) and array.dtype != np.object_ for array in state.values())
    assert sum(array.nbytes for array in state.values()) <= FIXED_BYTES + FUNCTIONS * MOST_BYTES


def test_damaged_state_is_told_as_such(name: str) -> None:
    one = made(name)
    one.see(seen_by(name), inf)
    for key in one.snapshot():
        damaged = one.snapshot()
        damaged[key] = np.frombuffer(b"\xc1not at all what it was", np.uint8)
        with pytest.raises(BundleError):
            made(name).restore(damaged)


def test_what_it_learned_survives_a_bundle(name: str) -> None:
    one, again = made(name), made(name)
    one.see(seen_by(name), inf)
    again.restore(unpacked(packed(one.snapshot())))
    assert again.snapshot().keys() == one.snapshot().keys()
