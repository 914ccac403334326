"""Alerts as JSON lines: the promised form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coldtrail.errors import ColdtrailError
from coldtrail.records.alert import Alert
from coldtrail.reports.alert_lines import line_of, write_alerts

KEYS = [
    "id",
    "kind",
    "subject",
    "severity",
    "title",
    "first_seen",
    "last_seen",
    "told_at",
    "count",
    "finding",
    "reasons",
    "evidence",
    "look_at",
    "technique",
    "next_steps",
    "commands",
    "details",
    "score",
    "threshold",
    "p_value",
    "detectors",
]


@pytest.fixture
def lines(alerts: list[Alert], tmp_path: Path) -> list[dict[str, Any]]:
    write_alerts(alerts, tmp_path / "alerts.jsonl")
    return [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text("utf-8").splitlines()]


def test_each_alert_is_a_line_as_promised(alerts: list[Alert], lines: list[dict[str, Any]]) -> None:
    assert [line["id"] for line in lines] == [alert.id for alert in alerts]
    for alert, line in zip(alerts, lines, strict=True):
        assert list(line) == KEYS
        assert line["subject"] == {
            "kind": "function",
            "account": "123456789012",
            "region": "eu-west-1",
            "application_name": "airline",
            "function_name": alert.key.function,
            "principal": "",
        }
        assert line["first_seen"] <= line["last_seen"]
        assert line["first_seen"] < line["told_at"]
        assert len(line["evidence"]) == line["count"]
        assert line["look_at"] in line["evidence"]


def test_the_leak_is_told_with_its_evidence(lines: list[dict[str, Any]]) -> None:
    leak = lines[0]
    assert (leak["kind"], leak["severity"], leak["count"]) == ("new_resource", "critical", 4)
    assert leak["technique"]["technique_id"] == "T1537"
    assert leak["technique"]["matrix"]
    reason = leak["reasons"][0]
    assert (reason["kind"], reason["event_name"], reason["target"]) == (
        "new_resource",
        "PutObject",
        "booking-public",
    )
    assert set(leak["evidence"][0]) == {"function_flow_id", "application_flow_id", "record_id"}


def test_a_file_that_cannot_be_written_is_told(alerts: list[Alert], tmp_path: Path) -> None:
    with pytest.raises(ColdtrailError, match="the file cannot be written"):
        write_alerts(alerts, tmp_path)


def test_a_line_holds_no_flow(alerts: list[Alert]) -> None:
    assert not hasattr(line_of(alerts[0]), "flow")
