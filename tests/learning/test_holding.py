"""What is rare is not learned until a person calls it benign, and alarms until then."""

from __future__ import annotations

import pytest

from coldtrail.config import DetectionSettings, Settings
from coldtrail.learning.holding import hold, knowing
from coldtrail.learning.remarks import Remarks
from coldtrail.learning.train import Training, learn
from coldtrail.learning.update import learn_more
from coldtrail.records.flow import Flow
from coldtrail.testing import START, make_flow, make_key
from coldtrail.verdicts.feedback import Named, Remark
from tests.learning.test_review import HIDDEN
from tests.verbs.telemetry_files import USUAL


def plain(number: int = 400) -> list[Flow]:
    return [make_flow(USUAL, flow_id=f"h{i}", start=START + 60 * i) for i in range(number)]


def hidden(kind: str, number: int = 5) -> list[Flow]:
    return [make_flow(HIDDEN[kind], flow_id=f"x{i}", start=START + 333.3 * i * i) for i in range(number)]


def trained(kind: str, share: float = 0.05, remarks: Remarks | None = None, number: int = 5) -> Training:
    settings = Settings(detection=DetectionSettings(folds=4, hold_rare=share))
    return learn([*plain(), *hidden(kind, number)], settings, remarks=remarks)


def again(training: Training, kind: str) -> str:
    return training.model.judge([make_flow(HIDDEN[kind], flow_id="again")])[0].verdict


@pytest.mark.parametrize("kind", HIDDEN)
def test_an_attack_hidden_in_what_is_learned_is_found(kind: str) -> None:
    training = trained(kind)
    assert training.flows == sum(training.model.learned.values()) == 400
    assert training.holding.flows[make_key()] == 5
    assert again(training, kind) == "anomalous"
    assert again(trained(kind, share=0.0), kind) == "normal"


def test_what_enough_runs_show_is_learned() -> None:
    assert trained("new_action", number=40).flows == 440
    assert trained("new_action", share=0.15, number=40).flows == 400


@pytest.mark.parametrize("reason", [None, Named("new_resource", target="loot"), Named("new_action")])
def test_a_person_can_accept_it_without_the_telemetry(reason: Named | None) -> None:
    held = trained("new_action")
    update = learn_more(held.model, [], remarks=[Remark("x2", "benign", reason)])
    assert (update.remarks.unknown, len(update.remarks.applied)) == ([], 1)
    assert sum(update.model.learned.values()) == 405
    assert again(update.training, "new_action") == "normal"
    later = learn_more(update.model, [make_flow(USUAL, flow_id="n", start=START + 30_000)])
    assert again(later.training, "new_action") == "normal"
    withdrawn = learn_more(later.model, [], remarks=[Remark("x2", "malicious")])
    assert not withdrawn.model.feedback.usual
    assert again(withdrawn.training, "new_action") == "anomalous"


def test_a_remark_on_something_else_of_the_flow_accepts_nothing() -> None:
    held = trained("new_action")
    update = learn_more(held.model, [], remarks=[Remark("x2", "benign", Named("order", "Publish"))])
    assert len(update.remarks.unknown) == 1
    assert sum(update.model.learned.values()) == 400


def test_accepting_while_training_is_the_same_as_afterwards() -> None:
    at_once = trained("order", remarks=Remarks([Remark("x1", "benign")]))
    later = learn_more(trained("order").model, [], remarks=[Remark("x1", "benign")])
    assert at_once.model.learned == later.model.learned
    assert at_once.model.calibration.threshold_ == later.model.calibration.threshold_


def test_what_is_flagged_but_to_be_learned_is_not_held_back() -> None:
    model = learn(plain(), Settings(detection=DetectionSettings(folds=4, hold_rare=0.05))).model
    more = [make_flow(HIDDEN["new_action"], flow_id=f"x{i}", start=START + 50_000 + i * i) for i in range(5)]
    update = learn_more(model, more, learn_flagged=True)
    assert sum(update.model.learned.values()) == 405
    assert again(update.training, "new_action") == "normal"


@pytest.mark.parametrize(("told", "learned"), [(2, 400), (3, 405)])
def test_a_release_takes_along_what_mostly_its_own_runs_show(told: int, learned: int) -> None:
    held = trained("new_action").model
    assert held.history is not None
    known = knowing(held.history, held.feedback, {f"x{i}" for i in range(told)}, 0.5)
    again = hold(held.history, 0.05, known)
    assert sum(again.learned(held.history).values()) == learned


def slow(which: str, number: int) -> Flow:
    calls = [(name, "DynamoDB", "T", 9.0 if name == which else 0.01) for name in "ABCDE"]
    return make_flow(calls, flow_id=f"{which}{number}", start=START + 60 * number)


def test_a_function_that_varies_by_itself_is_learned() -> None:
    usual = [slow("-", number) for number in range(200)]
    rare = [slow(which, number) for which in "ABCDE" for number in (300, 350)]
    settings = Settings(detection=DetectionSettings(folds=4, hold_rare=0.05))
    assert learn([*usual, *rare], settings).flows == 210
    assert learn([*usual, *rare[:2]], settings).flows == 200


def swapped(function: str, names: str, number: int) -> Flow:
    calls = [(name, "DynamoDB", "T", 0.01) for name in names]
    start = START + 60 * number
    return make_flow(calls, flow_id=f"{function}{names}{number}", start=start, function=function)


@pytest.mark.parametrize(("rare", "held"), [(2, 4), (3, 0)])
def test_what_is_rare_in_most_functions_is_a_gap_in_the_telemetry(rare: int, held: int) -> None:
    functions = ["Order", "Pay", "Ship", "Bill", "Mail", "Pack"]
    flows = [swapped(name, "ABC", number) for name in functions for number in range(150)]
    flows += [swapped(name, "AC", number) for name in functions[:rare] for number in (200, 250)]
    settings = Settings(detection=DetectionSettings(folds=4, hold_rare=0.05))
    training = learn(flows, settings)
    assert sum(training.holding.flows.values()) == held
