from random import Random

import pytest

from coldtrail_testbed.cloud.instances import Fleet, Slot

_START = 1_770_000_000.0


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(Random(1))


def _add(fleet: Fleet, identifier: str, now: float = _START) -> Slot:
    return fleet.add(identifier, "F", "handler", {"AWS_LAMBDA_FUNCTION_VERSION": "2"}, now)


def test_an_instance_in_use_is_not_free(fleet: Fleet) -> None:
    slot = _add(fleet, "a")
    slot.in_use = True
    assert fleet.find("F", _START) is None
    fleet.worked(slot, _START, _START + 1)
    assert fleet.find("F", _START + 1) is slot
    assert fleet.find("G", _START + 1) is None


def test_a_clock_that_goes_back_finds_what_was_free_then(fleet: Fleet) -> None:
    slot = _add(fleet, "a")
    fleet.worked(slot, _START, _START + 1)
    fleet.worked(slot, _START + 10, _START + 11)
    assert fleet.find("F", _START + 5) is slot
    assert fleet.find("F", _START + 10.5) is None
    assert fleet.find("F", _START - 1) is None, "it did not exist yet"


def test_no_run_may_reach_into_one_that_is_known_already(fleet: Fleet) -> None:
    slot = _add(fleet, "a")
    fleet.worked(slot, _START, _START + 2)
    fleet.worked(slot, _START + 10, _START + 11)
    assert fleet.find("F", _START + 8) is slot
    assert fleet.find("F", _START + 8.1) is None, "runs of this function have lasted two seconds"


def test_the_instance_that_worked_last_works_again(fleet: Fleet) -> None:
    for number, identifier in enumerate("abc"):
        fleet.worked(_add(fleet, identifier), _START, _START + (2, 4, 3)[number])
    found = fleet.find("F", _START + 5)
    assert found is not None
    assert found.id == "b"


def test_instances_expire_when_idle_and_when_old(fleet: Fleet) -> None:
    slot = _add(fleet, "a")
    assert 240 <= slot.idle_limit <= 900
    assert 2700 <= slot.expires - slot.born <= 9000
    fleet.worked(slot, _START, _START + 1)
    assert fleet.find("F", _START + 1 + slot.idle_limit - 0.1) is slot
    assert fleet.find("F", _START + 1 + slot.idle_limit) is None
    now = _START + 200
    while fleet.find("F", now):
        fleet.worked(slot, now, now + 1)
        now += 200
    assert slot.expires <= now <= slot.expires + 200
    assert fleet.gone("F", now) == []
    assert fleet.gone("F", now + 3000) == [slot]


def test_only_recent_work_is_remembered(fleet: Fleet) -> None:
    slot = _add(fleet, "a")
    for second in range(0, 5000, 10):
        fleet.worked(slot, _START + second, _START + second + 1)
    assert len(slot.busy) < 100


def test_identities_follow_from_the_instance(fleet: Fleet) -> None:
    slot, other = _add(fleet, "0123456789abcdef"), _add(fleet, "fedcba9876543210")
    assert slot.access_key.startswith("ASIA")
    assert len(slot.access_key) == 20
    assert slot.access_key != other.access_key
    assert slot.session_token != other.session_token
    day, _, stream = slot.log_stream.partition("[2]")
    assert day == "2026/02/02/"
    assert stream.startswith(slot.id)
    assert len(stream) == 32


def test_instances_are_counted_by_process(fleet: Fleet) -> None:
    slot, _ = _add(fleet, "a"), _add(fleet, "b")
    slot.pid = 7
    assert fleet.with_process() == [slot]
    assert len(fleet.of("F")) == 2
    fleet.remove(slot)
    assert fleet.with_process() == []
