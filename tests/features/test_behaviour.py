"""Where functions lie by their behaviour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from coldtrail.features.batch import Floats
from coldtrail.features.behaviour import behaviour
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import Call, make_flow

READ: Call = ("GetItem", "DynamoDB", "Stock", 0.01)
OTHER_TABLE: Call = ("GetItem", "DynamoDB", "Prices", 0.01)
WRITE: Call = ("PutObject", "S3", "images", 0.02)


def points(flows: Sequence[Flow], weight: Floats | None = None) -> dict[str, Floats]:
    words = Vocabulary()
    learn_words(flows, words)
    encoded = encode(flows, words)
    found = behaviour(encoded if weight is None else encoded.weighing(weight), words)
    return {name: found[number] for (*_, name), number in words.functions.numbers.items()}


def far(flows: Sequence[Flow]) -> float:
    """How far the functions A and B lie apart."""
    found = points(flows)
    return float(np.linalg.norm(found["A"] - found["B"]))


def run(function: str, calls: Sequence[Call], number: int = 0, **fields: object) -> Flow:
    return make_flow(calls, function=function, flow_id=f"{function}{number}", **fields)  # type: ignore[arg-type]


def test_functions_that_do_the_same_lie_at_the_same_place() -> None:
    assert far([run("A", [READ, WRITE]), run("B", [READ, WRITE])]) == pytest.approx(0.0, abs=1e-3)


def test_names_of_resources_and_of_functions_count_for_nothing() -> None:
    code: Call = ("## a_handler", "function", None, 0.001)
    other: Call = ("## b_handler", "function", None, 0.001)
    assert far([run("A", [READ, code]), run("B", [OTHER_TABLE, other])]) == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(
    ("calls", "fields"),
    [
        ([WRITE, WRITE], {}),
        ([READ, WRITE], {}),
        ([READ, OTHER_TABLE], {"trigger": "AWS::SQS queue"}),
        ([("GetItem", "DynamoDB", "Stock", 2.0), OTHER_TABLE], {}),
        ([READ, READ], {}),
        ([], {}),
    ],
    ids=["other calls", "more calls", "another trigger", "slower", "repeats itself", "calls nothing"],
)
def test_what_is_done_otherwise_parts_functions(calls: Sequence[Call], fields: dict[str, object]) -> None:
    assert far([run("A", [READ, OTHER_TABLE]), run("B", calls, **fields)]) > 0.1


def test_a_cold_start_in_a_single_run_does_not_make_a_function_another() -> None:
    warm = [run("A", [READ], number) for number in range(100)]
    assert far([*warm, run("B", [READ], cold=True)]) < 0.2


def test_a_flow_counts_for_as_many_as_it_stands_for() -> None:
    often = [*(run("A", [READ], number) for number in range(5)), run("A", [WRITE], 9)]
    whole = points(often)["A"]
    weighed = points(often[4:], np.array([5.0, 1.0]))["A"]
    assert np.allclose(whole, weighed, atol=1e-3)


def test_places_do_not_depend_on_the_order_in_which_words_came() -> None:
    flows = [run("A", [READ, WRITE]), run("B", [WRITE]), run("A", [READ], 1)]
    one, other = points(flows), points(flows[::-1])
    assert all(np.allclose(one[name], other[name]) for name in ("A", "B"))


def test_a_function_without_flows_lies_at_nought() -> None:
    flows = [run("A", [READ]), run("B", [WRITE])]
    words = Vocabulary()
    learn_words(flows, words)
    found = behaviour(encode(flows[:1], words), words)
    assert found[1].any()
    assert not found[2].any()
    assert not found[0].any()
