"""The branches of the airline's handlers that timed events take, against moto in a process of their own."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.applications.airline import APPLICATION

_PROGRAM = Path(__file__).parent / "airline_program.py"


@cache
def _results() -> dict[str, Any]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "AWS_XRAY_SDK_ENABLED": "false",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        **APPLICATION.variables,
    }
    run = subprocess.run(
        [sys.executable, str(_PROGRAM)], env=environment, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    results: dict[str, Any] = json.loads(run.stdout)
    return results


def test_the_sweep_cancels_old_unconfirmed_bookings_only() -> None:
    assert _results()["sweep"] == {
        "cancelled": 1,
        "states": {"old": "CANCELLED", "young": "UNCONFIRMED", "old-confirmed": "CONFIRMED"},
        "freed_seats": {"TLV-LHR": 1, "TLV-CDG": 0},
    }
    assert _results()["second_sweep"] == 0


def test_a_booking_that_is_confirmed_during_the_sweep_stays() -> None:
    assert _results()["confirmed_meanwhile"] == {"cancelled": False, "status": "CONFIRMED"}


def test_the_reconciliation_releases_forgotten_charges_and_reports_them() -> None:
    result = _results()["reconcile"]
    assert result["states"] == {"old": "RELEASED", "young": "AUTHORISED", "old-captured": "CAPTURED"}
    assert [report["released"] for report in result["reports"]] == [["old"]]


def test_the_export_writes_the_last_hours_entries() -> None:
    result = _results()["export"]
    assert result["count"] == 2
    assert sorted(entry["customerId"] for entry in result["lines"]) == ["customer-1", "customer-2"]


@pytest.mark.parametrize(("charge", "status"), [("good", 200), ("uncovered", 402)])
def test_captures_and_refusals_are_audited(charge: str, status: int) -> None:
    result = _results()["capture"][charge]
    assert result["status"] == status
    assert result["audit"] == {"chargeId": charge, "captured": status == 200}


def test_some_refunds_meet_an_outage_of_the_test_mode() -> None:
    statuses = _results()["refunds"]
    assert set(statuses) == {200, 503}
    assert 0.05 < statuses.count(503) / len(statuses) < 0.4


def test_the_next_version_of_confirm_booking_writes_a_record() -> None:
    assert _results()["record"] == {"same_reference": True}


def test_search_flights_lists_flights_with_free_seats() -> None:
    assert _results()["flights"] == [{"id": "TLV-CDG", "price": 100}, {"id": "TLV-LHR", "price": 100}]
