from collections.abc import Sequence
from dataclasses import replace

from coldtrail_testbed.attacks.labels import Label, labels_of
from coldtrail_testbed.flows import Call, Flow

CALLER = Flow("a", "Caller", "a-invocation", (Call("a-call", "lambda", "Invoke", "Started"),), 3)
STARTED = Flow(
    "b", "Started", "b-invocation", (Call("b-call", "lambda", "Invoke", "Third"),), 3, caller="a-call"
)
THIRD = Flow("c", "Third", "c-invocation", (), 2, caller="b-call")
FLOWS = [THIRD, STARTED, CALLER]


def _calls(_attack: str, flow: Flow) -> Sequence[str]:
    return [call.event_id for call in flow.calls]


def test_what_an_attacks_own_call_starts_is_labelled_and_nothing_further() -> None:
    assert labels_of(FLOWS, {"a": "lateral"}, _calls) == [
        Label(CALLER, "lateral", ["a-call"]),
        Label(STARTED, "lateral", ["b-invocation"]),
    ]


def test_a_flow_keeps_its_own_attack() -> None:
    labels = labels_of(FLOWS, {"a": "lateral", "b": "mining"}, _calls)
    assert {label.flow.id: label.attack for label in labels} == {"a": "lateral", "b": "mining", "c": "mining"}


def test_an_attack_that_did_not_come_about_has_no_label() -> None:
    assert labels_of([replace(CALLER, calls=())], {"a": "lateral"}, _calls) == []
    assert labels_of(FLOWS, {}, _calls) == []
