"""What two histories know differently."""

from __future__ import annotations

from coldtrail.bundle.history import History
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.known import changes, known
from coldtrail.testing import make_flow, make_history
from tests.verbs.telemetry_files import GET, PUT, stolen


def test_what_is_new_of_a_function_is_named() -> None:
    history = History(Vocabulary()).add(make_history(40))
    before = known(history)
    history.add([*make_history(20, prefix="m"), stolen()])
    history.add([make_flow([GET, PUT], flow_id="v", version="7", trigger="timer")])
    (one,) = changes(before, known(history), 50)
    assert (one.flows_before, one.flows, one.ready_before, one.ready) == (40, 62, False, True)
    assert one.steps == ["PutObject on S3 loot"]
    assert one.resources == ["S3 loot"]
    assert (one.versions, one.triggers, one.forgotten) == (["7"], ["timer"], [])


def test_functions_that_did_not_change_are_not_named_and_new_ones_are() -> None:
    history = History(Vocabulary()).add(make_history(40))
    before = known(history)
    history.add(make_history(5, function="Refund", prefix="r"))
    (one,) = changes(before, known(history), 50)
    assert (one.function_name, one.flows_before, one.flows) == ("Refund", 0, 5)
    (back,) = changes(known(history), before, 50)
    assert "SNS order-events" in back.forgotten


def test_a_function_that_only_ran_again_has_more_flows_and_nothing_new() -> None:
    history = History(Vocabulary()).add(make_history(40))
    before = known(history)
    assert changes(before, before, 50) == []
    history.add([make_flow([GET, PUT], flow_id="again")])
    history.add([make_flow([GET, PUT], flow_id="once more")])
    first = known(history)
    history.add([make_flow([GET, PUT], flow_id="and again")])
    (one,) = changes(first, known(history), 50)
    assert (one.flows_before, one.flows) == (42, 43)
    assert (one.steps, one.resources, one.triggers, one.forgotten) == ([], [], [], [])
