"""What the novelty detector calls new, and how strange that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from coldtrail.detectors.detector import Place
from coldtrail.detectors.novelty import ACTION, CALLER, RESOURCE, TRIGGER, NoveltyDetector
from coldtrail.features.batch import Encoded
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import NOBODY, Flow
from coldtrail.testing import Call, make_flow, make_history
from tests.findings import said
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, STEAL, USUAL

TRIGGERED = "AWS::SNS evil"


@pytest.fixture(scope="module")
def detector(learned: Encoded) -> NoveltyDetector:
    return NoveltyDetector().fit(learned)


def scores(detector: NoveltyDetector, words: Vocabulary, *flows: Flow) -> np.ndarray:
    return detector.score(encode(flows, words))


def test_nothing_that_was_learned_is_new(detector: NoveltyDetector, learned: Encoded) -> None:
    assert not detector.score(learned).any()


def test_a_new_resource_is_no_new_action_as_well(detector: NoveltyDetector, words: Vocabulary) -> None:
    (found,) = scores(detector, words, make_flow([GET, STEAL]))
    assert found[RESOURCE] > 2
    assert found[ACTION] == found[TRIGGER] == 0


def test_a_new_deed_on_a_known_resource_is_a_new_action(detector: NoveltyDetector, words: Vocabulary) -> None:
    (found,) = scores(detector, words, make_flow([GET, ("DeleteItem", "DynamoDB", "Stock", 0.01)]))
    assert found[ACTION] > 2
    assert found[RESOURCE] == found[TRIGGER] == 0


def test_a_new_trigger_counts_for_the_whole_run(detector: NoveltyDetector, words: Vocabulary) -> None:
    encoded = encode([make_flow(USUAL, trigger=TRIGGERED)], words)
    steps, whole = detector.explain(encoded)
    assert whole[0, TRIGGER] > 2
    assert whole[0, CALLER] == 0, "told once"
    assert not steps.any()


def test_a_run_that_nobody_triggered_is_strange_where_somebody_always_did(
    detector: NoveltyDetector, words: Vocabulary
) -> None:
    alone, lost = (make_flow(USUAL, trigger=None, upstream_lost=lost) for lost in (False, True))
    found = scores(detector, words, alone, lost)
    assert found[0, TRIGGER] > 2
    assert not found[1].any(), "a gap in the telemetry proves nothing"
    evidence = said(detector, encode([alone], words), Place(0, None, TRIGGER), alone, words)
    assert evidence == ("trigger", "AWS::ApiGateway::Stage shop/prod (in 600 runs)", NOBODY)


def test_a_function_that_nobody_ever_triggers_is_not_strange() -> None:
    history = [make_flow(USUAL, flow_id=f"t{i}", trigger=None) for i in range(300)]
    words = Vocabulary()
    learn_words(history, words)
    detector = NoveltyDetector().fit(encode(history, words))
    timed, called = scores(detector, words, make_flow(USUAL, trigger=None), make_flow(USUAL))
    assert not timed.any()
    assert called[TRIGGER] > 2


def test_a_caller_is_new_by_the_way_it_calls() -> None:
    """Each caller and each trigger are known, but not together."""
    ways = [("Lambda Order", "Cart"), ("AWS::SNS orders", "Shop")]
    history = [
        make_flow(USUAL, flow_id=f"c{i}", trigger=ways[i % 2][0], caller=ways[i % 2][1]) for i in range(400)
    ]
    words = Vocabulary()
    learn_words(history, words)
    detector = NoveltyDetector().fit(encode(history, words))
    crossed = make_flow(USUAL, trigger="Lambda Order", caller="Shop")
    stranger = make_flow(USUAL, trigger="Lambda Order", caller="Mallory")
    unknown = make_flow(USUAL, trigger="Lambda Order", upstream_lost=True)
    found = scores(detector, words, history[0], crossed, stranger, unknown)
    assert (found[1:3, CALLER] > 2).all()
    assert not found[[0, 3]].any()
    assert not found[:, TRIGGER].any()
    evidence = said(detector, encode([crossed], words), Place(0, None, CALLER), crossed, words)
    assert evidence == ("trigger", "Cart (in 200 runs)", "Shop by way of Lambda Order")


def test_what_only_another_function_does_is_new() -> None:
    history = [
        *make_history(200),
        *(make_flow([STEAL], flow_id=f"s{i}", function="Thief") for i in range(200)),
    ]
    words = Vocabulary()
    learn_words(history, words)
    detector = NoveltyDetector().fit(encode(history, words))
    order, thief = scores(detector, words, make_flow([STEAL]), make_flow([STEAL], function="Thief"))
    assert order[RESOURCE] > 2
    assert thief[RESOURCE] == 0


def test_the_same_new_resource_counts_once_a_run(detector: NoveltyDetector, words: Vocabulary) -> None:
    once, often = scores(detector, words, make_flow([STEAL]), make_flow([STEAL] * 9))
    assert often[RESOURCE] == once[RESOURCE]
    steps, _ = detector.explain(encode([make_flow([GET, STEAL, STEAL])], words))
    assert np.flatnonzero(steps[:, RESOURCE]).tolist() == [2], "the first of them"


def test_a_new_bucket_does_not_hide_behind_another_new_thing(
    detector: NoveltyDetector, words: Vocabulary
) -> None:
    table = ("GetItem", "DynamoDB", "Seats", 0.01)
    flows = encode([make_flow(USUAL), make_flow([GET, table, STEAL, table])], words)
    steps, _ = detector.explain(flows.take(np.array([1])))
    assert np.flatnonzero(steps[:, RESOURCE]).tolist() == [2, 3]
    calls = [GET, ("ListUsers", "IAM", None, 0.01), ("ListRoles", "IAM", None, 0.01)]
    steps, _ = detector.explain(encode([make_flow(calls)], words))
    assert np.flatnonzero(steps[:, ACTION]).tolist() == [2, 3]


def test_a_function_that_always_meets_new_things_finds_them_less_strange() -> None:
    def fresh(number: int) -> Flow:
        return make_flow([("GetObject", "S3", f"b{number}", 0.01)], flow_id=f"n{number}", function="Crawler")

    history = [*make_history(300), *map(fresh, range(300))]
    words = Vocabulary()
    learn_words(history, words)
    detector = NoveltyDetector().fit(encode(history, words))
    one = ("GetObject", "S3", "b512", 0.01)
    order, crawler = scores(detector, words, make_flow([one]), make_flow([one], function="Crawler"))
    assert order[RESOURCE] > 5 * crawler[RESOURCE]
    (stranger,) = scores(detector, words, make_flow([STEAL], function="Crawler"))
    assert stranger[RESOURCE] > 2, "a bucket of another make, and written to"


def test_new_tables_all_the_time_do_not_excuse_a_new_bucket() -> None:
    """Otherwise a function with a table for every tenant could leak into any bucket unseen."""

    def served(number: int) -> Flow:
        return make_flow(
            [("GetItem", "DynamoDB", f"of-{number}", 0.01)], flow_id=f"n{number}", function="Tenants"
        )

    history = [*make_history(300), *map(served, range(300))]
    words = Vocabulary()
    learn_words(history, words)
    detector = NoveltyDetector().fit(encode(history, words))
    table = make_flow([("GetItem", "DynamoDB", "of-512", 0.01)], function="Tenants")
    unknown_service = make_flow([("Invoke", "Evil", "loot", 0.01)], function="Tenants")
    usual, bucket, evil = scores(
        detector, words, table, make_flow([STEAL], function="Tenants"), unknown_service
    )
    assert bucket[RESOURCE] == evil[RESOURCE] > 3 * usual[RESOURCE]


def test_a_function_never_met_is_not_scored(detector: NoveltyDetector, words: Vocabulary) -> None:
    assert not scores(detector, words, make_flow([STEAL], function="NeverMet", trigger=TRIGGERED)).any()


def test_the_evidence_names_what_is_known_and_what_was_seen(
    detector: NoveltyDetector, words: Vocabulary
) -> None:
    flow = make_flow([GET, ("DeleteItem", "DynamoDB", "Stock", 0.01), STEAL], trigger=TRIGGERED)
    encoded = encode([flow], words)
    resource = said(detector, encoded, Place(0, 3, RESOURCE), flow, words)
    assert (resource.kind, resource.seen) == ("new_resource", "PutObject on S3 loot")
    assert "DynamoDB Stock" in resource.expected
    assert "S3" not in resource.expected
    action = said(detector, encoded, Place(0, 2, ACTION), flow, words)
    assert action == ("new_action", "GetItem on DynamoDB Stock (in 600 runs)", "DeleteItem on DynamoDB Stock")
    trigger = said(detector, encoded, Place(0, None, TRIGGER), flow, words)
    assert trigger == ("trigger", "AWS::ApiGateway::Stage shop/prod (in 600 runs)", TRIGGERED)


def test_resources_of_the_same_kind_are_named_first(detector: NoveltyDetector, words: Vocabulary) -> None:
    flow = make_flow([GET, ("PutItem", "DynamoDB", "Users", 0.01), PUT, PUBLISH])
    evidence = said(detector, encode([flow], words), Place(0, 2, RESOURCE), flow, words)
    known = {"DynamoDB Stock (in 600 runs)", "DynamoDB Orders (in 600 runs)"}
    assert set(evidence.expected.split(", ")) == known


def test_a_new_call_is_told_beside_those_of_its_service(detector: NoveltyDetector, words: Vocabulary) -> None:
    flow = make_flow([GET, ("ListTables", "DynamoDB", None, 0.01), ("ListUsers", "IAM", None, 0.01)])
    encoded = encode([flow], words)
    service, stranger = (said(detector, encoded, Place(0, at, ACTION), flow, words) for at in (2, 3))
    assert "GetItem on DynamoDB Stock (in 600 runs)" in service.expected
    assert "SNS" not in service.expected
    assert "and 1 more" in stranger.expected


def test_a_new_step_of_the_code_is_told_beside_the_functions_calls(
    detector: NoveltyDetector, words: Vocabulary
) -> None:
    """Invocation and Overhead, which have no target either, say nothing of what a function does."""
    flow = make_flow([GET, ("## decode", "function", None, 0.01), PUT])
    evidence = said(detector, encode([flow], words), Place(0, 2, ACTION), flow, words)
    assert (evidence.kind, evidence.seen) == ("new_event", "## decode")
    assert "GetItem on DynamoDB Stock" in evidence.expected
    assert "Invocation" not in evidence.expected


class Lent(NamedTuple):
    detector: NoveltyDetector
    words: Vocabulary

    def resource(self, calls: Sequence[Call]) -> float:
        return float(self.detector.score(encode([make_flow(calls)], self.words))[0, RESOURCE])


def lent(quiet: int, *, together: bool = True) -> Lent:
    """Fitted on a function with few flows, and on a busy one that now and then steals."""
    flows = [make_flow([GET], flow_id=f"q{number}") for number in range(quiet)]
    flows += [
        make_flow([GET, STEAL] if number % 50 == 0 else [GET], flow_id=f"b{number}", function="Busy")
        for number in range(400)
    ]
    words = Vocabulary()
    learn_words(flows, words)
    words.put_in_groups(["reads", "writes"], [0, 1, 1 if together else 2])
    return Lent(NoveltyDetector().fit(encode(flows, words)), words)


def test_what_its_likes_meet_is_not_new_to_a_quiet_function() -> None:
    assert lent(20).resource([GET, STEAL]) == 0.0
    assert lent(20).resource([GET, ("PutObject", "S3", "never-met", 0.01)]) > 1.0


def test_what_others_meet_is_new_to_a_quiet_function() -> None:
    assert lent(20, together=False).resource([GET, STEAL]) > 1.0


def test_a_busy_function_speaks_for_itself() -> None:
    assert lent(300).resource([GET, STEAL]) > 1.0


def test_what_is_lent_survives_the_way_to_disk_and_back() -> None:
    found = lent(20)
    again = NoveltyDetector().restore(found.detector.state())
    assert Lent(again, found.words).resource([GET, STEAL]) == 0.0


def test_a_first_cold_start_is_no_new_step() -> None:
    found = lent(20)
    cold = encode([make_flow([GET], cold=True)], found.words)
    assert not found.detector.score(cold).any()


def upstream(trigger: str | None, caller: str | None, young: int = 50) -> NDArray[np.float64]:
    """The scores of a young function's run by a way that its application knows of other functions."""
    ways = [("states ingest", "ingest"), ("states publish", "publish"), (None, None)]
    flows = [
        make_flow([GET], flow_id=f"y{n}", trigger="states publish", caller="publish") for n in range(young)
    ]
    for number in range(600):
        way, who = ways[number % 3]
        flows.append(
            make_flow([GET], flow_id=f"o{number}", function=f"Old{number % 3}", trigger=way, caller=who)
        )
    words = Vocabulary()
    learn_words(flows, words)
    one = make_flow([GET], trigger=trigger, caller=caller)
    found: NDArray[np.float64] = scores(NoveltyDetector().fit(encode(flows, words)), words, one)[0]
    return found


def test_a_trigger_that_the_application_knows_is_lent_to_a_young_function() -> None:
    assert not upstream("states ingest", "ingest").any()
    assert upstream("states ingest", "ingest", young=300)[TRIGGER] > 2


def test_a_trigger_that_nobody_knows_is_new_to_a_young_function() -> None:
    assert upstream("AWS::SNS evil", "evil")[TRIGGER] > 1.5


def test_nobody_is_never_lent() -> None:
    """Who invokes a function directly, with a leaked key, looks like functions that wake by themselves."""
    assert upstream(None, None)[TRIGGER] > 1.5


def test_a_caller_that_never_came_this_way_is_new_to_a_young_function() -> None:
    assert upstream("states publish", "ingest")[CALLER] > 1.5
