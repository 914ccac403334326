"""Shifts that people call benign become how a function runs."""

from __future__ import annotations

import msgspec
import pytest

from coldtrail.config import Settings
from coldtrail.feedback import NamedShift, ShiftRemark
from coldtrail.learning.train import learn
from coldtrail.learning.update import Update, learn_more
from coldtrail.model import Model
from coldtrail.records import Flow
from coldtrail.shifts.telling import alert_id
from coldtrail.testing import make_history
from tests.verbs.telemetry_files import a_day_later

ORDER = NamedShift("shop", "Order", "own_time")
FULL = NamedShift("shop", "Order", "own_time", since=1_795_000_000.0, before=0.02, after=0.12)


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
        alert_id("shop", "Order", "own_time"),
        alert_id("shop", "", "duration"),
    ],
)
def test_a_shift_in_the_input_is_found_and_kept(shift: NamedShift | str) -> None:
    update = updated(ShiftRemark(shift, "benign", "new library"))
    (kept,) = update.model.feedback.shifts
    assert set(kept.effects) == {"duration", "own_time"}
    assert kept.note == "new library"
    before, after, _ = kept.effects["own_time"]
    assert after - before == pytest.approx(0.1, abs=0.02)
    assert update.heard.applied == [ShiftRemark(shift, "benign", "new library")]


@pytest.mark.parametrize(
    "shift",
    ["ct-0000000000000000", NamedShift("shop", "Pay"), NamedShift("shop", "Order", "errors"), "Order"],
)
def test_other_shifts_are_unknown(shift: NamedShift | str) -> None:
    update = updated(ShiftRemark(shift, "benign"))
    assert update.model.feedback.shifts == ()
    (sentence,) = update.heard.sentences()
    assert sentence.startswith("1 remark speaks of a shift that the input does not show")


def test_a_shift_told_in_full_needs_no_input() -> None:
    update = updated(ShiftRemark(FULL, "benign"), flows=0)
    assert update.model.feedback.shifts[0].effects == {"own_time": (0.02, 0.12, 0)}
    paths = msgspec.structs.replace(FULL, measure="paths")
    assert updated(ShiftRemark(paths, "benign"), flows=0).heard.unknown == [ShiftRemark(paths, "benign")]


def test_a_later_update_and_training_keep_what_was_said() -> None:
    first = updated(ShiftRemark(ORDER, "benign"), flows=120)
    later = learn_more(first.model, [slow(flow) for flow in make_history(20, seed=8, prefix="m")])
    assert later.model.feedback.shifts == first.model.feedback.shifts
    known = [one.shifts.functions[1].groups[0][2][10] for one in (first.model, later.model) if one.shifts]
    plain = model().shifts
    assert plain is not None
    assert len(known) == 2
    assert all(own == pytest.approx(plain.functions[1].groups[0][2][10] + 0.1, abs=0.02) for own in known)
