"""Cases as JSON lines."""

from __future__ import annotations

import json
from pathlib import Path

from msgspec.structs import replace

from coldtrail.alerts.cases.building import cases_of
from coldtrail.alerts.signalled import alert_of
from coldtrail.reports.case_lines import write_cases
from tests.signals import NOON, make_signal


def test_each_case_is_a_line_with_what_scripts_rely_on(tmp_path: Path) -> None:
    theft = make_signal("theft", alone=True, strength=6.0)
    cases = cases_of([replace(alert_of([theft]), severity="high")], [theft], 5, NOON)
    path = tmp_path / "cases.jsonl"
    write_cases(cases, path, ["case-old"])
    line, gone = map(json.loads, path.read_text().splitlines())
    assert gone == {"id": "case-old", "withdrawn": True}
    promised = {
        "id",
        "subject",
        "severity",
        "first_seen",
        "last_seen",
        "members",
        "score",
        "timeline",
        "title",
    }
    assert promised <= line.keys()
    assert line["members"][0]["alert_id"].startswith("ct-")
    assert line["timeline"][0]["ref"]["kind"] == "event"
