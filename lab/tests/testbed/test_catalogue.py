"""What the testbed says that it has."""

from coldtrail_testbed.account.attacks import ACCOUNT_ATTACKS
from coldtrail_testbed.applications import APPLICATIONS
from coldtrail_testbed.attacks import ATTACKS
from coldtrail_testbed.catalogue import catalogue


def test_each_application_is_told_with_its_functions_and_the_papers_size() -> None:
    airline = next(one for one in catalogue()["applications"] if one["name"] == "airline")
    assert airline["iterations"] == 800
    assert len(airline["functions"]) == 12
    assert airline["state_machines"] == ["ProcessBooking"]


def test_each_attack_is_told_with_its_groups_and_a_function_that_exists() -> None:
    told = catalogue()["attacks"]
    assert [one["name"] for one in told] == [*ATTACKS, *ACCOUNT_ATTACKS]
    for one in told:
        assert ("all" if one["name"] in ATTACKS else "account") in one["groups"]
        for application, function in one["functions"].items():
            assert function in [known.name for known in APPLICATIONS[application].functions]


def test_look_alikes_and_formats_are_told() -> None:
    groups = [group for one in catalogue()["look_alikes"] for group in one["groups"]]
    assert groups == ["all"] * 6 + ["account"] * 5
    assert {"xray", "otlp"} <= set(catalogue()["telemetry"])
