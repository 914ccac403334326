"""What is told of an order."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.telling import THE_END, put_down_to_causes, seen_at, share_of_runs, times, usual
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.testing import make_flow
from tests.verbs.telemetry_files import GET


def test_the_first_strange_step_answers_for_those_that_it_upset() -> None:
    run = encode([make_flow([], flow_id="a")], Vocabulary())  # Invocation, Overhead, and the end
    surprise = np.array([7.0, 10.0, 1.0])
    np.testing.assert_array_equal(put_down_to_causes(surprise, run), [18.0, 0.0, 0.0])
    late = np.array([1.0, 10.0, 2.0])
    np.testing.assert_array_equal(put_down_to_causes(late, run), [1.0, 12.0, 0.0])


def test_the_runtimes_own_end_is_the_end_of_the_run() -> None:
    flow = make_flow([GET])
    assert [seen_at(flow, at) for at in range(3)] == ["Invocation", "GetItem on DynamoDB Stock", THE_END]
    assert usual(("Overhead", "lifecycle", None, None, 1)) == THE_END
    assert usual(("GetItem", "DynamoDB", "Invocation", "Stock", 2)) == "GetItem on DynamoDB Stock"


@pytest.mark.parametrize(("chance", "told"), [(0.999, "nearly always"), (0.12, "12 % of runs")])
def test_chances_are_told_as_shares_of_runs(chance: float, told: str) -> None:
    assert share_of_runs(chance) == told


def test_numbers_of_times_are_told_in_words() -> None:
    assert [times(number) for number in (1, 2, 1200)] == ["once", "2 times", "1,200 times"]
