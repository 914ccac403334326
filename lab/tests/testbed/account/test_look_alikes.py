"""Benign changes of an account."""

from datetime import UTC, datetime
from math import isfinite
from random import Random
from typing import Any

import pytest

from coldtrail_testbed.account.networks import NEW_OFFICE
from coldtrail_testbed.account.people import PIPELINE_KEY
from coldtrail_testbed.applications.airline import APPLICATION
from coldtrail_testbed.look_alikes import LOOK_ALIKES
from coldtrail_testbed.look_alikes.model import Window

from .conftest import Office


class _Stage:
    """A stage on which only the account and the instances change."""

    def __init__(self, office: Office) -> None:
        self.application = APPLICATION
        self.generator = Random(1)
        self.account = office.account
        self.renewed = 0
        self._office = office

    def now(self) -> float:
        return self._office.base.clock.now()

    def later(self, time: float, activity: Any) -> None:
        self._office.base.agenda.add(time, activity)

    def renew_instances(self) -> None:
        self.renewed += 1


def _begin(name: str, office: Office) -> tuple[_Stage, Window]:
    stage: Any = _Stage(office)
    window = LOOK_ALIKES[name].begin(stage)
    office.base.agenda.settle()
    return stage, window


def test_half_of_the_people_move(office: Office) -> None:
    _, window = _begin("new_office", office)
    moved = [name for name, place in office.account.offices.items() if place is NEW_OFFICE]
    assert len(moved) == len(office.account.people) // 2
    assert set(str(window.facts["people"]).split(",")) == set(moved)
    assert window.functions == ()


def test_somebody_on_call_looks_in_at_night_and_changes_nothing(office: Office) -> None:
    _, window = _begin("on_call", office)
    calls = office.calls()
    assert calls[0].operation == "ConsoleLogin"
    assert all(window.begin <= call.time < window.end for call in calls)
    assert all(datetime.fromtimestamp(call.time, UTC).hour < 5 for call in calls)
    assert {call.caller.name for call in calls} == {window.facts["people"]}
    assert all(call.operation.startswith(("Get", "List", "ConsoleLogin")) for call in calls)


def test_a_key_is_made_used_and_the_old_one_goes(office: Office) -> None:
    _, window = _begin("key_rotation", office)
    calls = office.calls()
    assert office.account.pipeline.access_key == window.facts["new_key"] != PIPELINE_KEY
    made = [call.operation for call in calls]
    order = ["CreateAccessKey", "UpdateFunctionCode", "UpdateAccessKey", "DeleteAccessKey"]
    assert [made.index(one) for one in order] == sorted(made.index(one) for one in order)
    gone = next(call for call in calls if call.operation == "DeleteAccessKey")
    assert gone.parameters["accessKeyId"] == PIPELINE_KEY


def test_the_pipeline_moves(office: Office) -> None:
    _, window = _begin("pipeline_moved", office)
    updates = [call.caller for call in office.calls() if call.operation == "UpdateFunctionCode"]
    assert {caller.role for caller in updates} == {window.facts["role"]}


def test_a_region_fails_over_with_new_instances_and_back(office: Office) -> None:
    stage, window = _begin("region_failover", office)
    assert stage.renewed == 2
    assert isfinite(window.end)
    assert window.facts["region"] == "us-west-2"


@pytest.mark.parametrize("name", [name for name, one in LOOK_ALIKES.items() if one.of_account])
def test_none_is_an_attack(name: str, office: Office) -> None:
    _begin(name, office)
    assert all(call.attack is None for call in office.calls())
