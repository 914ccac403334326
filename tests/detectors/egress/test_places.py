"""Whose a target is, and what is outside."""

from __future__ import annotations

import pytest

from coldtrail.detectors.egress.places import domain_of, is_write, kind_of, owner_of
from coldtrail.records.witnesses import ApiCall


@pytest.mark.parametrize(
    ("target", "told", "owner"),
    [
        ("receipts", None, None),
        ("receipts", "999988887777", "999988887777"),
        ("arn:aws:sns:eu-west-1:999988887777:topic", None, "999988887777"),
        ("arn:aws:s3:::receipts", None, None),
        ("https://sqs.eu-west-1.amazonaws.com/999988887777/q", None, "999988887777"),
        (None, None, None),
    ],
)
def test_owners(target: str | None, told: str | None, owner: str | None) -> None:
    assert owner_of(target, told) == owner


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.b.evil.example.", ("evil.example", "a.b")),
        ("shop.co.uk", ("shop.co.uk", "")),
        ("Loot.S3.amazonaws.com", ("loot.s3.amazonaws.com", "")),
        ("x.lambda-url.eu-west-1.on.aws", ("x.lambda-url.eu-west-1.on.aws", "")),
        ("ip-10-0-0-1.ec2.internal", None),
        ("localhost", None),
    ],
)
def test_domains(name: str, parts: tuple[str, str] | None) -> None:
    assert domain_of(name) == parts


def test_writes_are_told_by_the_record_or_by_the_name() -> None:
    call = ApiCall("e", 0.0, "", "", "S3", "PutObject")
    assert is_write(call)
    assert not is_write(ApiCall("e", 0.0, "", "", "S3", "GetObject"))
    assert not is_write(ApiCall("e", 0.0, "", "", "S3", "PutObject", read_only=True))
    assert [kind_of(one) for one in ("S3", "SNS", "SQS", "remote", "DynamoDB")] == [
        "bucket",
        "topic",
        "queue",
        "host",
        "resource",
    ]
