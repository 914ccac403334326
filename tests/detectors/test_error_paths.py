"""What several functions do when they fail is lent to the others, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from coldtrail.detectors.certainties import Certainties
from coldtrail.detectors.error_paths import ErrorPaths
from coldtrail.detectors.novelty import RESOURCE, NoveltyDetector
from coldtrail.detectors.sequence import ORDER_CHANNEL, SequenceDetector
from coldtrail.features.batch import Encoded
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import Call, make_flow
from tests.verbs.telemetry_files import GET, PUT, STEAL

HANDLE: Call = ("Invoke", "Lambda", "error-handler", 0.01)
FAILING: Sequence[Call] = [GET, HANDLE]
RUNS = 400


def runs(function: str, failing: int = 8, calls: Sequence[Call] = FAILING) -> list[Flow]:
    """Many runs of a function, of which some fail and then do what `calls` say."""
    failed = [
        make_flow(calls, flow_id=f"{function}-f{n}", function=function, error=True) for n in range(failing)
    ]
    fine = [make_flow([GET, PUT], flow_id=f"{function}-{n}", function=function) for n in range(RUNS)]
    return fine + failed


def history(sisters: int = 3, calls: Sequence[Call] = FAILING) -> list[Flow]:
    """Functions that fail in one way, and one that never failed."""
    known = [flow for n in range(sisters) for flow in runs(f"Sister{n}", calls=calls)]
    return known + runs("Quiet", failing=0)


def encoded(flows: Sequence[Flow]) -> tuple[Encoded, Vocabulary]:
    words = Vocabulary()
    learn_words(flows, words)
    return encode(flows, words), words


def lent(flows: Sequence[Flow], one: Flow) -> list[bool]:
    """Which steps of a run are lent to it."""
    learned, words = encoded(flows)
    paths, again = ErrorPaths(), ErrorPaths()
    paths.fit(learned, learned.weight)
    again.restore(paths.state())
    found = paths.lent(encode([one], words)).tolist()
    assert found == again.lent(encode([one], words)).tolist()
    return [bool(step) for step in found]


def quiet(calls: Sequence[Call] = FAILING, *, failed: bool = True, function: str = "Quiet") -> Flow:
    return make_flow(calls, function=function, error=failed)


def test_a_failed_run_is_lent_what_several_others_do_when_they_fail() -> None:
    assert lent(history(), quiet()) == [False, False, True, False]


def test_a_run_that_did_not_fail_is_lent_nothing() -> None:
    assert not any(lent(history(), quiet(failed=False)))


def test_one_function_is_not_several() -> None:
    assert not any(lent(history(1), quiet()))
    assert any(lent(history(2), quiet()))
    assert not any(lent(history(2), quiet(function="Sister0"))), "one is left beside itself"
    assert any(lent(history(3), quiet(function="Sister0")))


def test_a_habit_is_that_of_all_functions_together() -> None:
    """Of seven failed runs of two functions three tell the same queue: two of four, and one of three."""
    flows = [*runs("Sister0", 2), *runs("Sister1", 1), *runs("Quiet", 0)]
    for name, silent in (("Sister0", 2), ("Sister1", 2)):
        flows += [make_flow([GET], flow_id=f"{name}-s{n}", function=name, error=True) for n in range(silent)]
    assert lent(flows, quiet()) == [False, False, True, False]


def test_a_failed_run_of_each_of_two_functions_is_a_habit_where_they_hardly_failed_otherwise() -> None:
    assert any(lent([*runs("Sister0", 1), *runs("Sister1", 1), *runs("Quiet", 0)], quiet()))
    assert not any(lent([*runs("Sister0", 2), *runs("Quiet", 0)], quiet()))
    silent = [make_flow([GET], flow_id=f"s{n}", function="Sister0", error=True) for n in range(9)]
    assert not any(lent([*runs("Sister0", 1), *runs("Sister1", 1), *runs("Quiet", 0), *silent], quiet()))


@pytest.mark.parametrize(
    "other",
    [
        ("Invoke", "Lambda", "error-handlers", 0.01),
        ("InvokeAsync", "Lambda", "error-handler", 0.01),
        ("Invoke", "S3", "error-handler", 0.01),
        STEAL,
    ],
)
def test_only_exactly_the_same_call_is_lent(other: Call) -> None:
    assert not any(lent(history(), quiet([GET, other])))


def test_it_is_lent_no_more_often_than_the_others_do_it() -> None:
    assert lent(history(), quiet([GET, HANDLE, HANDLE, HANDLE])) == [False, False, True, False, False, False]
    twice = history(calls=[GET, HANDLE, HANDLE])
    assert lent(twice, quiet([GET, HANDLE, HANDLE, HANDLE])) == [False, False, True, True, False, False]


def test_what_functions_do_in_calm_runs_is_no_way_of_failing() -> None:
    """Otherwise a failed run could write wherever others always write."""
    assert not any(lent(history(calls=[GET, PUT]), quiet([GET, PUT])))


def test_what_few_of_the_failed_runs_hold_is_no_way_of_failing() -> None:
    """One failed run of an attacker in each function teaches nothing."""
    flows = history(calls=[GET])
    for n in range(3):
        flows.append(make_flow([GET, STEAL], flow_id=f"x{n}", function=f"Sister{n}", error=True))
    assert not any(lent(flows, quiet([GET, STEAL])))


def test_other_applications_lend_nothing() -> None:
    learned, words = encoded([*history(), make_flow([GET], application="bank")])
    paths = ErrorPaths()
    paths.fit(learned, learned.weight)
    stranger = make_flow(FAILING, application="bank", error=True)
    assert not paths.lent(encode([stranger], words)).any()


def test_a_history_without_failures_lends_nothing() -> None:
    assert not any(lent(runs("Quiet", failing=0), quiet()))


def test_a_known_way_of_failing_is_neither_new_nor_out_of_order_nor_an_omission() -> None:
    learned, words = encoded(history())
    novelty, order = NoveltyDetector().fit(learned), SequenceDetector().fit(learned)
    certain = Certainties()
    certain.fit(learned, np.ones(len(learned)), 1.0)
    usual, evil, calm = (encode([one], words) for one in (quiet(), quiet([GET, STEAL]), quiet(failed=False)))
    assert novelty.score(usual)[0, RESOURCE] == 0.0
    assert order.score(usual)[0, ORDER_CHANNEL] < 0.7
    assert not len(certain.left_out(usual).step)
    for strange in (evil, calm):
        assert novelty.score(strange)[0, RESOURCE] > 2.0
        assert order.score(strange)[0, ORDER_CHANNEL] > 5.8, "more than a budget of .003 lets pass"
    assert len(certain.left_out(calm).step)


def test_what_else_the_failed_run_does_is_judged_as_ever() -> None:
    learned, words = encoded(history())
    novelty, order = NoveltyDetector().fit(learned), SequenceDetector().fit(learned)
    both = encode([quiet([GET, STEAL, HANDLE])], words)
    assert novelty.score(both)[0, RESOURCE] > 2.0
    assert order.score(both)[0, ORDER_CHANNEL] > 5.8
