"""The ATT&CK map: which evidence points where, and whether its data is sound."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from coldtrail.alerts.attack import MATRIX_VERSION, rationale_for, service_names, technique_for
from coldtrail.records.finding import Origin, Seconds, Times, UsualStep, Value
from coldtrail.records.verdict import Reason
from tests.findings import reason as made
from tests.findings import usually

DATA = tomllib.loads((files("coldtrail.alerts") / "data" / "attack.toml").read_text(encoding="utf-8"))
KINDS = {
    "order", "omission", "count", "new_resource", "new_action", "new_event", "duration", "trigger",
    "contradiction",
}  # fmt: skip


def reason(kind: str, event_name: str = "PutObject") -> Reason:
    return made(kind, event_name, "target")


@pytest.mark.parametrize(
    ("kind", "event_type", "event_name", "technique", "tactic"),
    [
        ("new_resource", "S3", "PutObject", "T1537", "TA0010"),
        ("new_resource", "AWS::SQS", "SendMessage", "T1537", "TA0010"),
        ("new_resource", "SNS", "Publish", "T1537", "TA0010"),
        ("new_resource", "remote", "POST", "T1567", "TA0010"),
        ("new_resource", "remote", "GET", "T1071", "TA0011"),
        ("new_resource", "DynamoDB", "Scan", "T1530", "TA0009"),
        ("new_action", "S3", "GetObject", "T1530", "TA0009"),
        ("new_resource", "Secrets Manager", "GetSecretValue", "T1555.006", "TA0006"),
        ("new_resource", "SSM", "GetParameter", "T1555.006", "TA0006"),
        ("new_event", "KMS", "Decrypt", "T1552", "TA0006"),
        ("new_action", "STS", "GetCallerIdentity", "T1087.004", "TA0007"),
        ("new_action", "STS", "AssumeRole", "T1548.005", "TA0004"),
        ("new_action", "IAM", "AttachRolePolicy", "T1098", "TA0003"),
        ("new_action", "CloudTrail", "StopLogging", "T1685.002", "TA0112"),
        ("new_resource", "Lambda", "Invoke", "T1648", "TA0002"),
        ("new_action", "Lambda", "UpdateFunctionCode", "T1578", "TA0112"),
        ("new_resource", "StepFunctions", "StartExecution", "T1648", "TA0002"),
        ("new_action", "DynamoDB", "DeleteItem", "T1485", "TA0040"),
        ("new_action", "Translate", "TranslateText", "T1078.004", "TA0005"),
        ("duration", "remote", "POST", "T1496", "TA0040"),
        ("count", "DynamoDB", "PutItem", "T1499", "TA0040"),
        ("order", "DynamoDB", "GetItem", "T1530", "TA0009"),
        ("order", "SNS", "Publish", "T1648", "TA0002"),
        ("count", "DynamoDB", "Query", "T1530", "TA0009"),
        ("omission", "", "GetItem", "T1648", "TA0002"),
        ("trigger", "", "Invocation", "T1546", "TA0003"),
    ],
)
def test_evidence_points_to_its_technique(
    kind: str, event_type: str, event_name: str, technique: str, tactic: str
) -> None:
    found = technique_for(reason(kind, event_name), event_type)
    assert found is not None
    assert (found.technique_id, found.tactic_id) == (technique, tactic)
    assert rationale_for(reason(kind, event_name), event_type).endswith(".")


@pytest.mark.parametrize(
    ("attack", "kind", "event_type", "event_name", "expected", "seen", "technique"),
    [
        ("data_leakage", "new_resource", "S3", "PutObject", None, None, "T1537"),
        ("drip_leak", "new_resource", "S3", "PutObject", None, None, "T1537"),
        ("lookalike_bucket", "new_resource", "S3", "PutObject", None, None, "T1537"),
        ("repeated_operation", "count", "DynamoDB", "PutItem", None, Times(20), "T1499"),
        (
            "longer_run",
            "duration",
            "lifecycle",
            "Invocation",
            None,
            Seconds(4.9, "own_code"),
            "T1496.001",
        ),
        ("mining", "duration", "lifecycle", "Invocation", None, Seconds(24.0, "own_code"), "T1496.001"),
        (
            "changed_order",
            "order",
            "DynamoDB",
            "GetItem",
            usually("UpdateItem on DynamoDB Booking"),
            None,
            "T1530",
        ),
        (
            "changed_order",
            "order",
            "S3",
            "ListObjectsV2",
            usually("GetItem on DynamoDB vod-assets"),
            None,
            "T1530",
        ),
        ("other_action", "new_action", "DynamoDB", "UpdateItem", None, None, "T1565.001"),
        ("extra_action", "count", "DynamoDB", "Query", None, Times(4), "T1530"),
        ("extra_read", "count", "DynamoDB", "Query", None, Times(2), "T1530"),
        ("extra_read", "order", "DynamoDB", "GetItem", UsualStep(None), None, "T1530"),
        ("secret_read", "new_action", "Secrets Manager", "GetSecretValue", None, None, "T1555.006"),
        ("denied_calls", "new_action", "IAM", "ListUsers", None, None, "T1087.004"),
        ("denied_calls", "new_action", "STS", "AssumeRole", None, None, "T1548.005"),
        (
            "skipped_audit",
            "omission",
            "DynamoDB",
            "UpdateItem",
            usually("PutObject on S3 pay-audit"),
            None,
            "T1685.002",
        ),
        (
            "skipped_audit",
            "omission",
            "S3",
            "PutObjectTagging",
            usually("UpdateItem on DynamoDB assets"),
            None,
            "T1648",
        ),
        ("lateral_invoke", "new_resource", "Lambda", "Invoke", None, None, "T1648"),
        (
            "lateral_invoke",
            "trigger",
            "lifecycle",
            "Invocation",
            None,
            Origin("Lambda IngestLoyalty"),
            "T1078.004",
        ),
        (
            "unusual_caller",
            "trigger",
            "lifecycle",
            "Invocation",
            None,
            Origin("AWS::Lambda GetLoyalty"),
            "T1078.004",
        ),
    ],
)
def test_what_is_seen_of_each_attack_of_the_testbed_points_to_its_technique(
    attack: str,
    kind: str,
    event_type: str,
    event_name: str,
    expected: Value | None,
    seen: Value | None,
    technique: str,
) -> None:
    told = made(kind, event_name, "target", expected, seen)
    found = technique_for(told, event_type)
    assert found is not None
    assert found.technique_id == technique, attack


def test_unknown_evidence_points_nowhere() -> None:
    assert technique_for(reason("something_else"), "S3") is None
    assert rationale_for(reason("something_else"), "S3") == ""


def test_every_known_kind_points_somewhere() -> None:
    assert all(technique_for(reason(kind, "Frobnicate"), "Unheard of") for kind in KINDS)


def test_the_matrix_has_the_split_of_v19() -> None:
    assert MATRIX_VERSION == "19"
    assert DATA["tactics"]["TA0005"] == "Stealth"
    assert DATA["tactics"]["TA0112"] == "Defense Impairment"


def test_the_data_is_sound() -> None:
    used = {row["technique"] for row in DATA["rules"]}
    assert used == set(DATA["techniques"])
    assert all(re.fullmatch(r"T\d{4}(\.\d{3})?", name) for name in DATA["techniques"])
    assert {row["tactic"] for row in DATA["techniques"].values()} <= set(DATA["tactics"])
    for row in DATA["rules"]:
        assert set(row["kinds"]) <= KINDS
        assert set(row.get("services", [])) <= set(DATA["services"])
        assert set(row.get("actions", [])) <= set(DATA["actions"])
        assert row["why"].endswith(".")
        assert all(
            pattern == pattern.casefold() for key in ("triggers", "missing") for pattern in row.get(key, [])
        )


def test_an_event_type_answers_to_its_parts_and_its_whole() -> None:
    assert service_names("AWS::Secrets Manager") == {"aws", "secrets", "manager", "awssecretsmanager"}
    assert service_names("") == {""}
