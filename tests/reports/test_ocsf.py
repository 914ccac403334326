"""Findings against the published OCSF 1.6.0 schema and against a library's model of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from py_ocsf_models.events.findings.detection_finding import DetectionFinding

from coldtrail.errors import ColdtrailError
from coldtrail.records.alert import Alert
from coldtrail.records.finding import Subject
from coldtrail.reports.ocsf import finding, write_findings

# What https://schema.ocsf.io/1.6.0/classes/detection_finding and the objects it links to require, read from
# the v1.6.0 pages (metadata, finding_info, analytic, account, cloud profile) of github.com/tenzir/skills and
# from events/findings/{detection_finding,finding}.json and objects/{evidences,cloud,product}.json of
# github.com/ocsf/ocsf-schema. Stricter where py-ocsf-models is: title, vendor_name, names of analytics.
REQUIRED = {
    "": ("activity_id", "category_uid", "class_uid", "finding_info", "metadata", "severity_id", "time",
         "type_uid", "cloud"),
    "metadata": ("product", "version"),
    "metadata.product": ("name", "vendor_name"),
    "finding_info": ("uid", "title", "analytic"),
    "finding_info.analytic": ("type_id", "name", "uid"),
    "cloud": ("provider",),
    "remediation": ("desc",),
}  # fmt: skip
ENUMS = {
    "activity_id": {0, 1, 2, 3, 99},
    "category_uid": {2},
    "class_uid": {2004},
    "type_uid": {200400, 200401, 200402, 200403, 200499},
    "severity_id": {0, 1, 2, 3, 4, 5, 6, 99},
    "confidence_id": {0, 1, 2, 3, 99},
    "risk_level_id": {0, 1, 2, 3, 4, 99},
    "status_id": {0, 1, 2, 3, 4, 5, 6, 99},
    "finding_info.analytic.type_id": {*range(12), 99},
    "cloud.account.type_id": {*range(19), 99},
}
EVIDENCE_NEEDS_ONE_OF = {
    "actor",
    "api",
    "data",
    "database",
    "databucket",
    "device",
    "process",
    "resources",
    "url",
}
VERDICTS = {*range(11), 99}
TIMES = ("time", "start_time", "end_time", "finding_info.first_seen_time", "finding_info.last_seen_time")


NOWHERE = Subject("function", application_name="airline", function_name="ConfirmBooking")


def at(found: dict[str, Any], path: str) -> Any:
    value: Any = found
    for name in filter(None, path.split(".")):
        value = value[name]
    return value


def check(found: dict[str, Any]) -> None:
    for path, names in REQUIRED.items():
        assert set(names) <= set(at(found, path)), path
    for path, allowed in ENUMS.items():
        assert at(found, path) in allowed, path
    for path in TIMES:
        assert isinstance(at(found, path), int), path
    for evidence in found["evidences"]:
        assert EVIDENCE_NEEDS_ONE_OF & set(evidence)
        assert evidence["verdict_id"] in VERDICTS
    for observable in found["observables"]:
        assert observable["type_id"] in {10, 99}
        assert observable["name"]
    for attack in found["finding_info"].get("attacks", []):
        assert {"tactic", "technique", "version"} <= set(attack)
    assert found["type_uid"] == found["class_uid"] * 100 + found["activity_id"]


def test_findings_have_what_the_schema_requires(alerts: list[Alert]) -> None:
    for alert in alerts:
        check(finding(alert))


def test_hostile_findings_have_it_too(hostile_alerts: list[Alert]) -> None:
    for alert in hostile_alerts:
        check(json.loads(json.dumps(finding(alert), allow_nan=False)))


def test_findings_are_valid_for_py_ocsf_models(alerts: list[Alert]) -> None:
    for alert in alerts:
        model = DetectionFinding.model_validate(finding(alert))
        assert model.finding_info.uid == alert.id
        assert model.metadata.version == "1.6.0"


def test_a_finding_tells_the_alert(alerts: list[Alert]) -> None:
    found = finding(alerts[0])
    assert found["severity"] == "Critical"
    assert found["count"] == 4
    assert found["finding_info"]["attacks"] == [
        {
            "version": "19",
            "tactic": {"uid": "TA0010", "name": "Exfiltration"},
            "technique": {"uid": "T1537", "name": "Transfer Data to Cloud Account"},
        }
    ]
    assert found["resources"][0]["uid"] == "arn:aws:lambda:eu-west-1:123456789012:function:ConfirmBooking"
    assert found["cloud"]["account"]["uid"] == "123456789012"
    assert found["evidences"][0]["resources"][0]["uid"] == "booking-public"
    assert found["unmapped"]["function_flow_id"] == alerts[0].look_at.function_flow_id


def test_a_subtechnique_is_split_from_its_parent(alerts: list[Alert]) -> None:
    technique = msgspec.structs.replace(
        alerts[0].technique or pytest.fail("no technique"),
        technique_id="T1555.006",
        technique="Stores: Cloud",
    )
    (attack,) = finding(msgspec.structs.replace(alerts[0], technique=technique))["finding_info"]["attacks"]
    assert attack["technique"] == {"uid": "T1555", "name": "Stores"}
    assert attack["sub_technique"] == {"uid": "T1555.006", "name": "Cloud"}


def test_without_account_and_region_there_is_no_cloud(alerts: list[Alert]) -> None:
    found = finding(msgspec.structs.replace(alerts[0], subject=NOWHERE, flow=None))
    assert "cloud" not in found
    assert "profiles" not in found["metadata"]
    assert found["resources"][0]["uid"] == "airline/ConfirmBooking"


def test_findings_are_written_one_a_line_in_ascii(alerts: list[Alert], tmp_path: Path) -> None:
    path = tmp_path / "findings.jsonl"
    write_findings(alerts, path)
    lines = path.read_text(encoding="ascii").splitlines()
    assert [json.loads(line)["metadata"]["uid"] for line in lines] == [alert.id for alert in alerts]
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file(alerts: list[Alert], tmp_path: Path) -> None:
    path = tmp_path / "findings.jsonl"
    path.write_text("old")

    def broken() -> Any:
        yield alerts[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_findings(broken(), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(alerts: list[Alert], tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(ColdtrailError, match="a-file"):
        write_findings(alerts, tmp_path / "a-file" / "findings.jsonl")
