from dataclasses import replace
from math import inf
from pathlib import Path

from coldtrail_testbed import run_summary
from coldtrail_testbed.applications.airline import APPLICATION
from coldtrail_testbed.attacks import find_attacks
from coldtrail_testbed.look_alikes.model import Window
from coldtrail_testbed.run_order import order_of
from coldtrail_testbed.run_summary import RunSummary, run_facts

SUMMARY = RunSummary(
    application="airline",
    iterations=7,
    seed=3,
    traces=20,
    flows=50,
    events=400,
    functions={"ChargePayment": 50},
    attacks={"mining": 4, "stolen_credentials": 0},
    seconds=1.5,
    output=Path("run"),
    interrupted=True,
    attack_calls={"stolen_credentials": 9},
    look_alikes={"sale_day": 30},
    telemetry={"cloudtrail": 90},
    first_time=1000.0,
    last_time=1600.0,
)
ORDER = order_of(
    APPLICATION,
    10,
    3,
    find_attacks(["mining", "stolen_credentials"], "airline"),
    0.25,
    ["sale_day"],
    ["xray"],
)
WINDOWS = {
    "sale_day": Window(1100.0, 1500.0, ("ChargePayment",), {"factor": 5}),
    "new_version": Window(1200.0, inf, ("GetLoyalty",), {"version": "2"}),
}


def test_virtual_time_runs_from_the_first_trace_to_the_last() -> None:
    assert SUMMARY.virtual_seconds == 600.0
    assert replace(SUMMARY, first_time=None, last_time=None).virtual_seconds == 0.0


def test_settings_are_what_was_asked_for_and_counts_what_came_about() -> None:
    facts = run_facts(ORDER, SUMMARY, WINDOWS)
    assert facts["settings"] == {
        "iterations": 10,
        "attacks": ["mining", "stolen_credentials"],
        "attack_share": 0.25,
        "days": None,
        "account_lives": False,
        "look_alikes": ["sale_day"],
        "telemetry": ["xray", "cloudtrail"],
        "telemetry_added_for_attacks": ["cloudtrail"],
    }
    assert facts["counts"] == {
        "iterations": 7,
        "traces": 20,
        "flows": 50,
        "events": 400,
        "functions": {"ChargePayment": 50},
        "attacks": {"mining": 4, "stolen_credentials": 0},
        "attack_calls": {"stolen_credentials": 9},
        "look_alikes": {"sale_day": 30},
        "telemetry": {"cloudtrail": 90},
    }
    assert (facts["seed"], facts["first_time"], facts["last_time"]) == (3, 1000.0, 1600.0)
    assert facts["interrupted"] is True


def test_only_a_window_that_lasts_for_good_has_no_end() -> None:
    windows = run_facts(ORDER, SUMMARY, WINDOWS)["look_alike_windows"]
    assert windows == {
        "sale_day": {
            "begin": 1100.0,
            "end": 1500.0,
            "functions": ["ChargePayment"],
            "facts": {"factor": 5},
        },
        "new_version": {
            "begin": 1200.0,
            "end": None,
            "functions": ["GetLoyalty"],
            "facts": {"version": "2"},
        },
    }


def test_what_is_not_installed_has_an_unknown_version() -> None:
    assert run_summary._version("no-such-package-here") == "unknown"
