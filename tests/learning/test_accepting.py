"""Shifts that people call benign become how a function runs."""

from __future__ import annotations

from functools import cache

import msgspec
import pytest

from coldtrail.alerts.drifts import alert_ids
from coldtrail.alerts.shifts import shifts_from
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.detectors.drift.effects import Effect
from coldtrail.detectors.drift.following import Found
from coldtrail.detectors.drift.readings import CALLERS
from coldtrail.features.vocabulary import ABSENT, UNKNOWN, Vocabulary
from coldtrail.learning.accepting import accept
from coldtrail.learning.remarks import Remarks
from coldtrail.learning.train import learn
from coldtrail.learning.update import Update, learn_more
from coldtrail.records.flow import NOBODY, Flow
from coldtrail.testing import START, make_flow, make_history, make_key
from coldtrail.verdicts.feedback import Feedback, NamedShift, ShiftRemark
from tests.detectors.drift.lives import USUAL, life
from tests.verbs.telemetry_files import a_day_later

ORDER = NamedShift("shop", "Order", "own_time")
ABROAD = NamedShift("shop", "Order", "own_time", account="", region="eu-west-1")
FULL = NamedShift("shop", "Order", "own_time", since=1_795_000_000.0, before=0.02, after=0.12)


@cache
def model() -> Model:
    return learn(make_history(400), Settings()).model


def slow(flow: Flow) -> Flow:
    """A run of the next day whose own code takes 100 ms more."""
    flow = a_day_later(flow)
    return msgspec.structs.replace(flow, end_time=flow.end_time + 0.1, own_time=flow.own_time + 0.1)


def updated(*remarks: ShiftRemark, flows: int = 300) -> Update:
    some = [slow(flow) for flow in make_history(flows, seed=5, prefix="n")]
    return learn_more(model(), some, remarks=remarks)


@pytest.mark.parametrize(
    "shift",
    [
        ORDER,
        NamedShift("shop", "Order"),
        NamedShift("shop", "Order", "duration"),
        NamedShift("shop", "Order", account="", region=""),
        alert_ids(make_key(), "own_time")[0],
        alert_ids(make_key(), "duration")[1],
    ],
)
def test_a_shift_in_the_input_is_found_and_kept(shift: NamedShift | str) -> None:
    update = updated(ShiftRemark(shift, "benign", "new library"))
    (kept,) = update.model.feedback.shifts
    assert set(kept.effects) == {"duration", "own_time"}
    assert kept.note == "new library"
    before, after, _ = kept.effects["own_time"]
    assert after - before == pytest.approx(0.1, abs=0.02)
    assert update.remarks.applied == [ShiftRemark(shift, "benign", "new library")]


@pytest.mark.parametrize(
    "shift",
    [
        "ct-00000000000000000000",
        NamedShift("shop", "Pay"),
        NamedShift("shop", "Order", "errors"),
        "Order",
        ABROAD,
    ],
)
def test_other_shifts_are_unknown(shift: NamedShift | str) -> None:
    update = updated(ShiftRemark(shift, "benign"))
    assert update.model.feedback.shifts == ()
    (sentence,) = update.remarks.sentences()
    assert sentence.startswith("1 remark speaks of a shift that the input does not show")


def test_an_id_of_an_earlier_version_is_named() -> None:
    update = updated(ShiftRemark("ct-0123456789abcdef", "benign"))
    assert update.model.feedback.shifts == ()
    assert update.remarks.sentences() == [
        "'ct-0123456789abcdef' is the id of an alert of an earlier version: "
        "give the shift as `coldtrail score --json` prints it."
    ]


def test_a_shift_told_in_full_without_an_account_must_be_of_one_function() -> None:
    words = Vocabulary()
    here, there = make_key(account="111111111111"), make_key(account="222222222222")
    words.functions.learn(here)
    named = msgspec.structs.replace(FULL, account="222222222222")
    for known, remark, of in (
        ((), FULL, [here]), ((), named, []), ((there,), FULL, []), ((there,), named, [there]),
    ):  # fmt: skip
        for key in known:
            words.functions.learn(key)
        remarks = Remarks([ShiftRemark(remark, "benign")])
        assert [one.key for one in accept(remarks, Feedback(), [], words).shifts] == of


def test_a_shift_told_in_full_needs_no_input() -> None:
    update = updated(ShiftRemark(FULL, "benign"), flows=0)
    assert update.model.feedback.shifts[0].effects == {"own_time": (0.02, 0.12, 0)}
    paths = msgspec.structs.replace(FULL, measure="paths")
    assert updated(ShiftRemark(paths, "benign"), flows=0).remarks.unknown == [ShiftRemark(paths, "benign")]


@pytest.mark.parametrize("name", [None, "AWS::SNS a", NOBODY, "AWS::SNS never met"])
def test_a_caller_is_known_by_its_values_or_as_earlier_versions_print_it(name: str | None) -> None:
    words, taught = Vocabulary(), model().shifts
    assert taught is not None
    words.functions.learn(make_key())
    for known in ("AWS::SNS a", NOBODY):
        words.triggers.learn(known)
    number = ABSENT if name is None else words.triggers.numbers.get(name, UNKNOWN)
    found = Found(1, CALLERS, START, START, 9, Effect(0.1, 0.9, number), (), ("f", "t"))
    (shift,) = shifts_from([found], taught, words)
    full = NamedShift("shop", "Order", "callers", START, 0.1, 0.9, shift.what)
    for named in (full, msgspec.structs.replace(full, origin=shift.origin)):
        (kept,) = accept(Remarks([ShiftRemark(named, "benign")]), Feedback(), [], words).shifts
        assert kept.effects == {"callers": (0.1, 0.9, number)}


def test_a_later_update_and_training_keep_what_was_said() -> None:
    first = updated(ShiftRemark(ORDER, "benign"), flows=120)
    later = learn_more(first.model, [slow(flow) for flow in make_history(20, seed=8, prefix="m")])
    assert later.model.feedback.shifts == first.model.feedback.shifts
    known = [one.shifts.functions[1].groups[0][2][10] for one in (first.model, later.model) if one.shifts]
    plain = model().shifts
    assert plain is not None
    assert len(known) == 2
    assert all(own == pytest.approx(plain.functions[1].groups[0][2][10] + 0.1, abs=0.02) for own in known)


def _silenced() -> list[Flow]:
    """A second day, in which mails stop after three hours and orders are audited no more."""
    cut = START + 27 * 3600
    day = life(12, 7, "b", after=24 * 3600.0)
    flows = [flow for flow in day if flow.function_name == "Order" or flow.start_time < cut]
    plain = [
        make_flow([USUAL], flow_id=flow.function_flow_id, start=flow.start_time, error=flow.error)
        for flow in flows
        if flow.function_name == "Order" and flow.start_time >= cut
    ]
    return [flow for flow in flows if flow.function_name == "Mail" or flow.start_time < cut] + plain


@pytest.mark.parametrize(
    ("function", "measure"), [("Mail", "silence"), ("Order", "no_step"), ("Mail", None), ("Order", None)]
)
def test_what_has_stopped_is_accepted_as_gone(function: str, measure: str | None) -> None:
    taught = learn(life(8), Settings()).model
    remark = ShiftRemark(NamedShift("shop", function, measure), "benign")
    update = learn_more(taught, _silenced(), remarks=[remark])
    assert update.remarks.applied == [remark]
    (kept,) = update.model.feedback.shifts
    assert set(kept.effects) == {"silence" if function == "Mail" else "no_step"}
    shifts = update.model.shifts
    assert shifts is not None
    number = update.model.vocabulary.functions.numbers[make_key(function)]
    assert kept.effects.popitem()[1][2] not in shifts.absence_limits.get(number, {})


def test_a_silence_told_in_full_is_waited_for_no_more() -> None:
    full = NamedShift("shop", "Mail", "silence", since=START + 8 * 3600, before=70.0, after=9000.0)
    update = learn_more(learn(life(8), Settings()).model, [], remarks=[ShiftRemark(full, "benign")])
    shifts, functions = update.model.shifts, update.model.vocabulary.functions.numbers
    assert shifts is not None
    assert functions[make_key("Mail")] not in shifts.absence_limits
    assert functions[make_key()] in shifts.absence_limits


def test_a_shift_that_is_learned_is_told_unless_it_is_called_benign() -> None:
    told = updated()
    assert {(one.function_name, one.measure) for one in told.shifts} == {
        ("Order", "duration"),
        ("Order", "own_time"),
    }
    assert updated(ShiftRemark(ORDER, "benign")).shifts == []
    calm = [a_day_later(flow) for flow in make_history(300, seed=6, prefix="o")]
    assert learn_more(model(), calm).shifts == []
