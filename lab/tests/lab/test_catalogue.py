"""`coldtrail testbed list`: what there is to record."""

from __future__ import annotations

import json

from coldtrail_testbed.attacks import ATTACKS
from tests.cli.command import Run


def test_everything_there_is_stands_in_the_tables(run: Run) -> None:
    said = run("testbed", "list")
    assert (said.status, said.err) == (0, "")
    for name in ["airline", "ConfirmBooking", "sale_day", "otlp", *ATTACKS]:
        assert name in said.out


def test_the_same_as_json(run: Run) -> None:
    said = run("testbed", "list", "--json")
    assert set(json.loads(said.out)) == {"applications", "attacks", "look_alikes", "telemetry"}
