"""Attacks of others laid over a week: what is read of them, how they are turned, and how they are judged."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.control_plane.__main__ import main
from benchmarks.control_plane.judging import Row, benign, rows
from benchmarks.control_plane.laying import FILE, Laid, Place, laid_over, place_of
from benchmarks.control_plane.report import report
from benchmarks.control_plane.techniques import Technique, moment, technique, techniques

ACCOUNT, THEIRS = "111122223333", "999988887777"
PLACE = Place(ACCOUNT, "eu-west-1", {"pay": "pay-role", "ship": "ship-role"})
BEGIN = 1_767_225_600.0


def record(name: str, event_id: str, source: str = "lambda", second: int = 0, **asked: Any) -> dict[str, Any]:
    return {
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "eventID": event_id,
        "eventTime": f"2020-05-01T10:00:{second:02}Z",
        "awsRegion": "us-gone-1",
        "recipientAccountId": THEIRS,
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{THEIRS}:user/eve"},
        "sourceIPAddress": "203.0.113.9",
        "requestParameters": asked or None,
    }


def opened(event_id: str = "e1") -> dict[str, Any]:
    named = f"arn:aws:lambda:us-gone-1:{THEIRS}:function:victim"
    return record("AddPermission20150331v2", event_id, functionName=named, principal="*")


def taken_on() -> dict[str, Any]:
    arn = f"arn:aws:iam::{THEIRS}:role/their-role"
    told = record("AssumeRole", "e9", "sts", roleArn=arn, roleSessionName="s")
    return {**told, "userIdentity": {"type": "AWSService"}, "eventTime": "2020-05-01 10:00:00"}


def write(path: Path, records: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(one) + "\n" for one in records))
    else:
        path.write_text(json.dumps(records))


def test_what_a_folder_holds(tmp_path: Path) -> None:
    write(tmp_path / "cloudtrail-stratus" / "aws.persistence.x.json", [opened()])
    campaign = [
        record("CreateRole", "c1", "iam", roleName="r"),
        record("PutRolePolicy", "c2", "iam", roleName="r"),
    ]
    write(tmp_path / "cloudtrail-lambda" / "some_a.json", campaign[:1])
    write(tmp_path / "cloudtrail-lambda" / "some_b.json", campaign[1:])
    lines = [opened("1"), record("AddPermission", "1", functionName="g"), taken_on()]
    write(tmp_path / "cloudtrail-lambda" / "rules_x.jsonl", lines)
    found = {one.name: one for one in techniques(tmp_path)}
    assert list(found) == [
        *("aws.persistence.x", "rules AddPermission 1", "rules AddPermission 2", "rules AssumeRole 1"),
        "some",
    ]
    assert found["aws.persistence.x"].functions == ("victim",)
    # A role that the attack itself made is no function's.
    assert (len(found["some"].records), found["some"].on_functions) == (2, False)
    assert (found["rules AssumeRole 1"].is_benign, found["rules AssumeRole 1"].on_functions) == (True, False)


def test_reading_changes_no_function_and_another_role_may_be_a_functions() -> None:
    assert not technique("t", [record("GetFunction20150331v2", "e", functionName="f")]).on_functions
    trusted = technique("t", [record("UpdateAssumeRolePolicy", "e", "iam", roleName="r")])
    assert (trusted.roles, trusted.on_functions) == (("r",), True)


def laid(tmp_path: Path, *found: Technique) -> tuple[list[Laid], list[dict[str, Any]]]:
    (tmp_path / "cloudtrail").mkdir(exist_ok=True)
    told = laid_over(tmp_path, found, PLACE, BEGIN, BEGIN + 86_400.0)
    return told, json.loads((tmp_path / "cloudtrail" / FILE).read_text())["Records"]


def test_no_more_is_turned_than_names_places_and_times(tmp_path: Path) -> None:
    trust = record(
        "UpdateAssumeRolePolicy",
        "e2",
        "iam",
        roleName="role",
        policyDocument="arn:aws:iam::193672423079:root",
    )
    (first, second, third), written = laid(
        tmp_path, technique("a", [opened()]), technique("b", [trust]), technique("c", [taken_on()])
    )
    assert (first.functions, second.functions, third.functions) == (("pay",), ("ship",), ())
    assert (
        written[0]["requestParameters"]["functionName"] == f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:pay"
    )
    assert written[0]["userIdentity"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/eve"
    assert (written[0]["sourceIPAddress"], written[0]["eventID"]) == ("203.0.113.9", "e1")
    assert written[1]["requestParameters"]["roleName"] == "ship-role"
    assert "193672423079" in written[1]["requestParameters"]["policyDocument"]
    assert written[2]["requestParameters"]["roleArn"].endswith(":role/pay-role")
    assert "T" not in written[2]["eventTime"]
    assert [BEGIN < moment(one) < BEGIN + 86_400.0 for one in written] == [True] * 3
    assert first.decisive_at == moment(written[0])


def test_times_within_an_attack_stay_as_they_were_and_shared_ids_become_their_own(tmp_path: Path) -> None:
    two = technique(
        "a", [record("DeleteFunction", "1", second=40, functionName="f"), record("ListFunctions", "1")]
    )
    (only,), written = laid(tmp_path, two)
    assert moment(written[1]) - moment(written[0]) == 40.0
    assert only.decisive_at == moment(written[1])
    assert len(only.event_ids) == 2
    assert only.decisive_ids == {written[1]["eventID"]}


def test_where_functions_live_is_read_from_the_run(tmp_path: Path) -> None:
    told = taken_on() | {"recipientAccountId": ACCOUNT, "awsRegion": "eu-west-1"}
    told["requestParameters"] = {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/pay-role", "roleSessionName": "pay"}
    path = tmp_path / "cloudtrail" / "a" / "x.json.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(json.dumps({"Records": [told]}).encode()))
    assert place_of(tmp_path) == Place(ACCOUNT, "eu-west-1", {"pay": "pay-role"})


def case(ids: list[str], functions: list[str], at: float) -> dict[str, Any]:
    member = {"at": at, "alert_id": None, "count": 1, "kind": "k", "detector": "changes"}
    member["refs"] = [{"kind": "event", "id": one} for one in ids]
    head = {"opened_at": at, "first_seen": at - 50, "severity": "high", "title": "t"}
    return {**head, "functions": functions, "members": [member]}


def test_a_technique_is_judged_by_the_cases_that_name_its_records(tmp_path: Path) -> None:
    told, _ = laid(
        tmp_path, technique("a", [opened()]), technique("b", [opened("e2")]), technique("c", [taken_on()])
    )
    at = told[0].decisive_at + 55.0
    write(tmp_path / "cases.jsonl", [case(["e1"], ["pay"], at), case(["e9"], [], at), case(["x"], [], at)])
    write(tmp_path / "alerts.jsonl", [{"id": "1", "count": 1, "evidence": [{"record_id": "e2"}]}])
    first, second, third = rows(told, tmp_path)
    assert (first.case, first.names_function, first.severity, first.after_s) == (True, True, "high", 55.0)
    assert first.kinds == ("k",)
    assert (second.told, second.case, second.names_function, second.after_s) == (True, False, False, None)
    assert (third.benign, third.told) == (True, True)
    # What is told of the cloud's own doing is as false as what is told of the week.
    assert benign(tmp_path, told).cases == ("high: t", "high: t")
    text = report("airline", [first, second, third], benign(tmp_path), benign(tmp_path, told))
    assert "A case that names the function: 1/2" in text
    assert "Benign records of others: 1, of which told: 1." in text


def test_without_the_folder_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--folder", str(tmp_path)]) == 0
    assert "are skipped" in capsys.readouterr().out


def test_a_row_has_what_its_table_shows() -> None:
    text = report(
        "vod", [Row("n", False, False, False, False, False, "-", None, ())], benign(Path()), benign(Path())
    )
    assert "| n | no | no | - | - | - |  |" in text


def test_names_may_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "cloudtrail").mkdir()
    (only,) = laid_over(tmp_path, [technique("a", [opened()])], None, BEGIN, BEGIN + 86_400.0)
    (written,) = json.loads((tmp_path / "cloudtrail" / FILE).read_text())["Records"]
    assert {**written, "eventTime": ""} == {**opened(), "eventTime": ""}
    assert only.functions == ("victim",)
