"""Feedback becomes part of a model."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from coldtrail.bundle.model import Model
from coldtrail.config import DetectionSettings, Settings
from coldtrail.learning import remarks as module
from coldtrail.learning.remarks import Remarks
from coldtrail.learning.train import learn
from coldtrail.learning.update import Update, learn_more
from coldtrail.records.finding import FindingKey
from coldtrail.records.flow import Flow
from coldtrail.testing import START, make_flow, make_history, make_key
from coldtrail.verdicts.feedback import Named, Remark
from tests.verbs.telemetry_files import GET, PUBLISH, PUT, stolen

BACKUP = [GET, PUT, ("PutObject", "S3", "backup", 0.01), PUBLISH]


def learned(flows: list[Flow]) -> Model:
    return learn(flows, Settings(detection=DetectionSettings(folds=4))).model


def backup(name: str = "rare") -> Flow:
    return make_flow(BACKUP, flow_id=name, start=START + 20_000)


def told(model: Model, flows: list[Flow], *remarks: Remark) -> Update:
    return learn_more(model, flows, remarks=remarks)


def verdict_of(update: Update, flow: Flow) -> str:
    return update.model.judge([flow])[0].verdict


def test_what_is_called_benign_is_never_reported_again() -> None:
    update = told(learned(make_history(300)), [backup(), stolen()], Remark("rare", "benign", note="weekly"))
    assert verdict_of(update, backup("next")) == "normal"
    assert verdict_of(update, stolen("next")) == "anomalous"
    assert (update.counts.excused, update.counts.flagged, update.counts.learned) == (1, 1, 0)
    assert {one.note for one in update.model.feedback.accepted} == {"weekly"}
    both = make_flow([*BACKUP, ("PutObject", "S3", "loot", 0.01)], flow_id="both")
    assert verdict_of(update, both) == "anomalous"


def test_feedback_stays_through_later_updates() -> None:
    first = told(learned(make_history(300)), [backup()], Remark("rare", "benign"))
    later = learn_more(first.model, make_history(100, seed=3, prefix="n"))
    assert verdict_of(later, backup("next")) == "normal"
    more = learn_more(later.model, [backup(f"b{i}") for i in range(5)])
    assert (more.counts.excused, more.counts.learned) == (5, 0)


def test_one_reason_called_benign_leaves_the_others() -> None:
    model = learned(make_history(300))
    both = make_flow([GET, PUT, *BACKUP[2:3], ("PutObject", "S3", "loot", 0.01), PUBLISH], flow_id="both")
    named = Remark("both", "benign", Named("new_resource", target="backup"))
    update = told(model, [both], named)
    assert {one.cause.target for one in update.model.feedback.accepted} == {"backup"}


def test_a_confirmed_attack_leaves_the_history_and_never_comes_back() -> None:
    model = learned([*make_history(300), *[stolen(f"s{i}", START + i) for i in range(3)]])
    update = told(model, [], Remark("s1", "malicious"))
    assert update.remarks.forgotten == 3
    assert update.model.learned[make_key()] == 300
    assert verdict_of(update, stolen("next")) == "anomalous"
    again = learn_more(update.model, [stolen("t"), stolen("s2", START + 2)], learn_flagged=True)
    assert (again.counts.attacks, again.counts.learned) == (2, 0)
    assert verdict_of(again, stolen("next")) == "anomalous"


def test_an_attack_in_the_input_is_kept_out_with_its_like() -> None:
    flows = [stolen("a"), stolen("b"), backup()]
    update = learn_more(
        learned(make_history(300)), flows, remarks=[Remark("a", "malicious")], learn_flagged=True
    )
    assert (update.counts.attacks, update.counts.learned) == (2, 1)
    loot = FindingKey(*make_key(), "new_resource", "PutObject", "S3", "loot")
    assert loot in update.model.feedback.refused


def test_unknown_flows_are_told_in_a_sentence() -> None:
    update = told(learned(make_history(300)), [backup()], Remark("rare", "benign"), Remark("?", "malicious"))
    assert update.remarks.unknown == [Remark("?", "malicious")]
    (sentence,) = update.remarks.sentences()
    assert sentence.startswith("1 remark speaks of a flow that neither the input nor the history holds")
    assert Remarks().sentences() == []


def test_an_attack_called_benign_before_alarms_again() -> None:
    first = told(learned(make_history(300)), [stolen()], Remark("stolen", "benign"))
    assert verdict_of(first, stolen("next")) == "normal"
    second = told(first.model, [stolen("again")], Remark("again", "malicious"))
    assert verdict_of(second, stolen("next")) == "anomalous"
    assert not second.model.feedback.accepted
    assert second.counts.attacks == 1


def test_where_two_remarks_disagree_it_is_an_attack() -> None:
    remarks = Remark("stolen", "benign"), Remark("stolen", "malicious")
    for said in (remarks, remarks[::-1]):
        update = told(learned(make_history(300)), [stolen()], *said)
        assert verdict_of(update, stolen("next")) == "anomalous"


def test_a_slow_call_of_a_name_with_random_parts_can_be_benign() -> None:
    def run(number: int, seconds: float = 0.01) -> Flow:
        calls = [GET, ("PutObject", "S3", f"upload-{number * 2654435761 % 2**32:08x}.json", seconds), PUBLISH]
        return make_flow(calls, flow_id=f"u{number}", start=START + 20.0 * number)

    slow = run(1000, 9.0)
    update = told(
        learned([run(number) for number in range(300)]), [slow], Remark(slow.function_flow_id, "benign")
    )
    assert verdict_of(update, run(1001, 9.0)) == "normal"


def test_an_attack_in_many_runs_leaves_the_history_by_what_it_is_known_by() -> None:
    model = learned([*make_history(100), *[stolen(f"s{i}", START + i) for i in range(40)]])
    named = Remark("s1", "malicious", Named("new_resource", "PutObject", "loot"))
    update = told(model, [], named)
    assert update.remarks.forgotten == 40
    assert update.model.learned[make_key()] == 100


def test_what_shows_an_attack_is_not_learned_though_its_function_cannot_be_judged_yet() -> None:
    few = make_history(12, function="Young", prefix="y")
    theft = [
        make_flow(
            [GET, ("PutObject", "S3", "loot", 0.01)], flow_id=f"t{i}", function="Young", start=START + i
        )
        for i in range(2)
    ]
    named = Remark("t0", "malicious", Named("new_resource", "PutObject", "loot"))
    update = told(learned([*make_history(100), *few]), theft[:1], named)
    again = learn_more(
        update.model, [theft[1], make_flow([GET], flow_id="ok", function="Young", start=START)]
    )
    assert (again.counts.attacks, again.counts.learned) == (1, 1)


def hostile(random: Random, number: int) -> Flow:
    """A run that is strange in one of several ways, each of which some others share."""
    calls = [GET, PUT, PUBLISH]
    match random.randrange(4):
        case 0:
            calls.insert(random.randrange(4), ("PutObject", "S3", f"loot{random.randrange(9)}", 0.01))
        case 1:
            calls = [GET] * random.randrange(5, 40) + calls
        case 2:
            random.shuffle(calls)
            calls = [(*call[:3], random.choice([0.01, 5.0, 60.0])) for call in calls]
        case _:
            calls = [
                (f"op{random.randrange(20)}", "DynamoDB", "t", 0.02) for _ in range(random.randrange(1, 6))
            ]
    function = random.choice(["Order", "Pay"])
    return make_flow(calls, flow_id=f"h{number}", start=START + 50_000 + 60 * number, function=function)


@pytest.mark.parametrize("seed", range(3))
def test_remarks_taken_together_say_what_they_say_one_after_another(seed: int) -> None:
    model, random = of_two_functions(), Random(seed)
    flows = [hostile(random, number) for number in range(40)]
    remarks = [Remark(flow.function_flow_id, "benign") for flow in flows if random.random() < 0.6]
    remarks += [Remark(one.function_flow_id, "benign", Named("order")) for one in remarks[:2]]
    remarks += [*remarks[:1], Remark("nobody", "benign")]
    random.shuffle(remarks)
    said = []
    for together in (1, 7, 32):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(module, "TOGETHER", together)
            given_ = Remarks(remarks)
            for flow, verdict in zip(flows, model.judge(flows), strict=True):
                given_.take(flow, verdict)
            kind = module.excused(model, given_)
        said.append((kind.feedback, given_.applied, given_.unknown))
        spoken_of = [flow for flow in flows if Remark(flow.function_flow_id, "benign") in remarks]
        assert {one.verdict for one in kind.judge(spoken_of)} <= {"normal"}
    assert said[0] == said[1] == said[2]
    assert len(said[0][0].accepted) > 5


@cache
def of_two_functions() -> Model:
    return learned(make_history(300) + make_history(200, seed=1, function="Pay", prefix="p"))
