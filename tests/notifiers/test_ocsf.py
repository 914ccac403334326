from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from py_ocsf_models.events.findings.detection_finding import DetectionFinding

from coldtrail.errors import ConfigError
from coldtrail.notifiers.bounds import bounded
from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.notifiers.ocsf import OcsfNotifier, OcsfSettings, finding_of
from coldtrail.reports.ocsf import finding
from tests.notifiers.messages import LONG, a_message
from tests.reports.stories import alerts

GIVEN = json.dumps(finding(alerts()[0])).encode()


def notifier(**table: Any) -> OcsfNotifier:
    return OcsfNotifier(msgspec.convert(table, OcsfSettings), {"URL": "https://x.example/"})


def test_the_finding_of_the_alert_is_handed_on_as_created_updated_and_closed() -> None:
    steps = ("trigger", "update", "resolve")
    told = [json.loads(finding_of(a_message(what=what, finding=GIVEN))) for what in steps]
    assert [one["activity_id"] for one in told] == [1, 2, 3]
    assert [one["type_uid"] for one in told] == [200401, 200402, 200403]
    assert [one["status_id"] for one in told] == [1, 1, 4]
    assert {one["finding_info"]["uid"] for one in told} == {alerts()[0].id}
    assert {one["count"] for one in told} == {a_message().count}


@pytest.mark.parametrize("what", ["trigger", "update", "resolve"])
@pytest.mark.parametrize("given", [GIVEN, b"", b"[1]", b"{"])
def test_findings_are_those_of_the_schema(what: str, given: bytes) -> None:
    told = json.loads(finding_of(a_message(what=what, finding=given)))
    DetectionFinding.model_validate(told)


def test_a_finding_that_is_too_long_is_a_plain_one() -> None:
    long = json.dumps(finding(alerts()[0]) | {"unmapped": {"x": "y" * 300_000}}).encode()
    told = json.loads(finding_of(a_message(finding=long)))
    assert "unmapped" not in told
    assert told["class_uid"] == 2004
    assert len(finding_of(bounded(LONG))) < 240_000


def test_a_file_grows_by_a_line_and_what_a_crash_cut_off_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "findings.jsonl"
    sender = notifier(path=str(path))
    sender.send(a_message(finding=GIVEN))
    with path.open("ab") as file:
        file.write(b'{"cut')
    sender.send(a_message(what="resolve", finding=GIVEN))
    lines = path.read_text(encoding="utf-8").split("\n")
    assert [line[:5] for line in lines[1:2]] == ['{"cut']
    assert [json.loads(lines[place])["activity_id"] for place in (0, 2)] == [1, 3]
    assert lines[3] == ""
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="findings") as caught:
        notifier(path=str(tmp_path / "missing" / "findings.jsonl")).send(a_message())
    assert caught.value.retryable


@pytest.mark.parametrize("table", [{}, {"path": "x", "url_env": "URL"}])
def test_either_a_file_or_an_address(table: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="one of them"):
        notifier(**table)
