"""How late the calls of each service are now and then."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.lateness import CONCERN_S, Lateness
from coldtrail.detectors.spans import STARTS, Spans
from coldtrail.features.batch import Floats, Ints


def spans_of(service: Ints) -> Spans:
    """Calls of services; where that is `STARTS`, cold starts."""
    none = np.zeros(len(service), np.int64)
    no_mark, starting = np.zeros(len(service), np.bool_), service == STARTS
    return Spans(
        none,
        none,
        none,
        starting,
        starting,
        ~starting,
        np.maximum(service, 0),
        no_mark,
        none + 0.1,
        none + 1.0,
    )


def learned(late: dict[int, Floats]) -> Lateness:
    service = np.concatenate([np.full(len(some), one) for one, some in late.items()])
    lateness = Lateness()
    lateness.fit(spans_of(service), np.concatenate(list(late.values())))
    return lateness


def of(lateness: Lateness, *services: int) -> list[float]:
    return lateness.of(spans_of(np.array(services))).tolist()


def test_what_one_call_in_five_hundred_passes_measures_its_service() -> None:
    steady, slow = np.zeros(2_000), np.where(np.arange(2_000) % 100 == 0, 6.0, 0.0)
    lateness = learned({1: steady, 2: slow, STARTS: np.full(2_000, 2.0)})
    assert of(lateness, 1, 2, STARTS) == [CONCERN_S, pytest.approx(6.0), pytest.approx(2.0)]


def test_few_calls_lean_on_those_of_all_services() -> None:
    late = np.where(np.arange(2_000) % 100 == 0, 6.0, 0.0)
    lateness = learned({1: late, 2: np.zeros(5)})
    assert of(lateness, 2)[0] > 5.0
    assert of(lateness, 9) == [pytest.approx(6.0)], "a service never met is measured by all"


def test_cold_starts_say_nothing_of_calls() -> None:
    lateness = learned({1: np.zeros(2_000), STARTS: np.full(2_000, 9.0)})
    assert of(lateness, 1, 5) == [CONCERN_S, CONCERN_S]


def test_all_is_the_same_after_a_rest_and_nothing_is_known_of_nothing() -> None:
    lateness, rested = learned({1: np.linspace(0.0, 9.0, 50), 4: np.zeros(3)}), Lateness()
    assert of(rested, 1) == [1.0]
    rested.restore(lateness.state())
    assert of(rested, 1, 4, 7) == of(lateness, 1, 4, 7)
    none = Lateness()
    none.fit(spans_of(np.zeros(0, np.int64)), np.zeros(0))
    assert of(none, 1) == [CONCERN_S]
