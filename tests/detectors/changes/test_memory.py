import numpy as np
import pytest

from coldtrail.detectors.changes.memory import Memory
from coldtrail.errors import BundleError
from tests.detectors.changes.past import ACCOUNT, BLOG, DAY_S, NOW, PAY, SHIP, SHOP, learned


def test_the_functions_of_a_role_by_its_name_or_its_arn() -> None:
    memory = Memory()
    memory.restore(learned())
    for role in ("pay-role", f"arn:aws:iam::{ACCOUNT}:role/service-role/pay-role"):
        assert list(memory.of_role(ACCOUNT, role)) == [PAY]
    assert list(memory.of_role("210987654321", "pay-role")) == []


def test_it_comes_back_as_it_was() -> None:
    memory = Memory()
    memory.restore(learned())
    assert set(memory.functions) >= set(SHOP)
    assert memory.applications[PAY.application_key].deployers
    again = memory.snapshot()
    assert all(np.array_equal(again[key], learned()[key]) for key in again)
    with pytest.raises(BundleError):
        Memory().restore(memory.snapshot() | {"counts": np.zeros(3, np.uint8)})


def test_what_is_needed_before_it_is_ready() -> None:
    memory = Memory()
    assert not memory.ready
    assert memory.missing() is not None
    memory.restore(learned())
    assert memory.ready
    assert memory.missing() is None


def test_state_of_a_function_is_small() -> None:
    size = len(learned()["functions"]) / (len(SHOP) + 1)
    assert size < 400


def test_of_too_many_the_first_function_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coldtrail.detectors.changes.memory._MOST_FUNCTIONS", 1)
    memory = Memory()
    for key in (PAY, SHIP):
        memory.function(key, NOW)
    assert list(memory.functions) == [SHIP]


def test_one_deployment_of_an_application_tells_who_deploys_it() -> None:
    memory = Memory()
    for day in range(4):
        memory.pass_time(NOW + day * DAY_S)
    assert memory.has_days
    assert not memory.knows_deployers([PAY])
    memory.application(PAY.application_key, NOW).changed("ci", {"code"}, NOW)
    assert memory.knows_deployers([PAY])
    assert not memory.knows_deployers([BLOG])
    assert not memory.knows_deployers([])
    memory.occasions = 3
    assert memory.knows_deployers([])
    memory.days = 3
    assert not memory.knows_deployers([PAY])
