"""What is of a place or a family of names that a function knows."""

from __future__ import annotations

import msgspec
import pytest

from coldtrail.alerts.alerts import alerts_from
from coldtrail.alerts.familiar import is_familiar, may_be_anybodys
from coldtrail.records.finding import Known, Met, StepKey
from tests.alerts.test_alerts import make_pair
from tests.findings import reason


def known(service: str, *names: str) -> Known:
    return Known(tuple(Met(StepKey("", service, name), 90.0) for name in names))


@pytest.mark.parametrize(
    ("service", "target", "names", "is_so"),
    [
        ("S3", "orders-data/carts/7.json", ("orders-data/carts/*.csv",), True),
        ("S3", "orders-backup", ("orders-data",), False),
        ("remote", "api.bank.example", ("www.bank.example",), False),
        ("DynamoDB", "fares-songs84", ("fares-bets18", "users"), True),
        ("DynamoDB", "loot", ("fares-bets18",), False),
        ("SQS", "123456789012:fares-songs", ("fares-bets",), False),
        ("DynamoDB", "a-1", ("a-2",), False),
        ("DynamoDB", "fares-songs84", (), False),
    ],
)
def test_a_bucket_is_familiar_by_itself_and_a_table_by_its_family(
    service: str, target: str, names: tuple[str, ...], is_so: bool
) -> None:
    told = reason("new_resource", "PutItem", target, known(service, *names), event_type=service)
    assert is_familiar(told, service) == is_so


def test_a_secret_is_of_no_family_of_tables() -> None:
    told = reason("new_resource", "GetSecretValue", "fares-key-4", event_type="SecretsManager")
    for service, is_so in (("DynamoDB", False), ("SecretsManager", True)):
        usual = known(service, "fares-bets18")
        finding = msgspec.structs.replace(told.finding, expected=usual)
        assert is_familiar(msgspec.structs.replace(told, finding=finding), "SecretsManager") == is_so


def test_what_may_belong_to_anybody_is_a_bucket_a_host_or_of_another_account() -> None:
    assert may_be_anybodys("loot", "S3")
    assert may_be_anybodys("bank.example", "remote")
    assert may_be_anybodys("123456789012:loot", "SQS")
    assert not may_be_anybodys("loot", "SQS")


def test_a_bucket_of_somebody_is_high_and_one_more_object_of_its_own_low() -> None:
    told = reason("new_resource", target="loot", usual=known("S3", "orders-data/*.csv"))
    more = msgspec.structs.replace(told, target="orders-data/7.txt")
    (loot,), (rarer,) = (alerts_from([make_pair("f", one)], with_waiting=True) for one in (told, more))
    assert (loot.severity, rarer.severity) == ("high", "low")
