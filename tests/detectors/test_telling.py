"""What is told of an order."""

from __future__ import annotations

import numpy as np

from coldtrail.detectors.telling import put_down_to_causes, seen_at, usual
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.finding import StepKey
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
    seen = [seen_at(flow, at) for at in (0, 1, 2, None)]
    call = StepKey("GetItem", "DynamoDB", "Stock")
    assert seen == [StepKey("Invocation", "lifecycle", None), call, None, None]
    assert usual(("GetItem", "DynamoDB", "Invocation", "Stock", 2)) == call
