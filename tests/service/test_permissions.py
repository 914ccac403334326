"""Policies of what sources and channels need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from msgspec import Struct

from coldtrail.errors import ConfigError
from coldtrail.records.intake import Permission
from coldtrail.registry import LIVE_SOURCES, NOTIFIERS
from coldtrail.service.permissions import Need, needs_of, policies_of, policy_of
from coldtrail.service.settings import live_settings_from
from coldtrail.sources.context import SourceContext

ROLE = "arn:aws:iam::444455556666:role/read"
READING = Permission(("logs:FilterLogEvents",), ("arn:aws:logs:*:*:log-group:aws/spans:*",), "to read (all)")


class ARoleSource:
    """Needs what a source in AWS does."""

    closed = 0

    class Settings(Struct, frozen=True):
        role_arn: str = ""
        secret_env: str = ""

    def __init__(self, settings: Settings, context: SourceContext) -> None:
        if settings.secret_env and not context.environment.get(settings.secret_env):
            raise ConfigError("a secret is missing.")
        self._role = settings.role_arn

    def needs(self) -> Sequence[Permission]:
        entering = [Permission(("sts:AssumeRole",), (self._role,), "to read as this role")]
        return [*(entering if self._role else []), READING]

    def close(self) -> None:
        ARoleSource.closed += 1


class AnOddNotifier:
    """Cannot be made of what stands in for a secret."""

    class Settings(Struct, frozen=True):
        key_env: str

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        if len(environment[settings.key_env]) != 4:
            raise ConfigError("the key has four characters.")

    def needs(self) -> Sequence[Permission]:
        return [Permission(("sns:Publish",), ("arn:aws:sns:eu-west-1:1:t",), "to tell")]


@pytest.fixture(autouse=True)
def members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIVE_SOURCES, "role", "tests.service.test_permissions:ARoleSource")
    monkeypatch.setitem(NOTIFIERS, "odd", "tests.service.test_permissions:AnOddNotifier")


def statements(policy: Mapping[str, Any]) -> Any:
    return policy["Statement"]


def test_what_a_role_needs_is_apart_from_what_the_service_runs_as() -> None:
    table = {"kind": "role", "role_arn": ROLE, "secret_env": "NOT_SET"}
    found = needs_of(live_settings_from({"source": [table, {"kind": "otlp"}]}, "t"))
    policies = policies_of(found.needs, "111122223333")
    assert list(policies) == ["", ROLE]
    (entering,), (reading,) = statements(policies[""]), statements(policies[ROLE])
    assert (entering["Action"], entering["Resource"]) == (["sts:AssumeRole"], [ROLE])
    assert reading == {
        "Sid": "RoleToRead",
        "Effect": "Allow",
        "Action": ["logs:FilterLogEvents"],
        "Resource": ["arn:aws:logs:*:444455556666:log-group:aws/spans:*"],
    }
    assert found.unknown == ()


def test_a_number_of_an_account_stands_where_none_is_known() -> None:
    needs = [Need("a", "", READING), Need("b", "", READING)]
    (only,) = statements(policy_of(needs, "111122223333"))
    assert only["Resource"] == ["arn:aws:logs:*:111122223333:log-group:aws/spans:*"]
    of_buckets = Permission(("s3:GetObject",), ("arn:aws:s3:::b/*", "*"), "to read")
    (kept,) = statements(policy_of([Need("a", "", of_buckets)], "111122223333"))
    assert kept["Resource"] == ["arn:aws:s3:::b/*", "*"]


def test_each_statement_has_a_name_of_its_own() -> None:
    other = Permission(("logs:GetLogEvents",), ("*",), "to read")
    sids = [one["Sid"] for one in statements(policy_of([Need("a", "", READING), Need("a", "", other)]))]
    assert sids == ["AToRead", "AToRead2"]


def test_what_cannot_be_asked_is_said_and_what_is_set_is_used() -> None:
    settings = live_settings_from({"notify": [{"kind": "odd", "key_env": "KEY"}]}, "t")
    assert needs_of(settings).unknown == (
        "odd: what it needs cannot be told yet: the key has four characters.",
    )
    assert [need.whose for need in needs_of(settings, {"KEY": "abcd"}).needs] == ["odd"]
