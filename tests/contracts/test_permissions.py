"""The policy that `init` prints is enough for the calls of each source, and no action of it can be spared.

moto holds the calls against the policy. It knows resources of S3 alone: for other services what the policy
names stands as `*`, and the ARNs are held against what was read by `test_arns_name_what_is_read`. X-Ray is a
stand-in without IAM: there the test itself refuses what the policy does not allow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from math import inf
from pathlib import Path
from typing import Any

import pytest
from moto import settings as moto_settings
from moto.core.authorization import ActionAuthenticatorMixin

from coldtrail.errors import SourceError
from coldtrail.notifiers.notifier import DeliveryError
from coldtrail.records.intake import PullSource
from coldtrail.registry import LIVE_SOURCES, NOTIFIERS, load
from coldtrail.service.permissions import needs_of, policies_of
from coldtrail.service.settings import live_settings_from
from tests.contracts.pull_worlds import WORLDS, World
from tests.notifiers.messages import a_message
from tests.sources.aws.cloud import ACCOUNT, REGION, Fault, Faults, client
from tests.sources.aws.conftest import endpoint, faults, moto

__all__ = ("endpoint", "faults", "moto")

IN_AWS = [name for name, world in WORLDS.items() if world.kind != "files"]
PAYLOAD = b'{"Id":"1-5759e988-bd862e3fe1be46a994272793","Segments":[]}'
CALLED_AS = {
    "ListObjectsV2": ["s3:ListBucket"],
    "DeleteMessageBatch": ["sqs:DeleteMessage"],
    "ChangeMessageVisibilityBatch": ["sqs:ChangeMessageVisibility"],
}
"""Actions that are called otherwise: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/
SQSDeveloperGuide/sqs-api-permissions-reference.html"""
RARELY = {
    "sqs": {"sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"},
    "s3 told of": {"sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"},
    "xray-api": {"xray:StartTraceRetrieval", "xray:ListRetrievedTraces"},
    "xray-api, searched": {"xray:BatchGetTraces"},
}
"""What is asked only of a message that holds nothing, or that waits long, or in the other mode of X-Ray."""


@pytest.fixture
def world(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    endpoint: str,
    faults: Faults,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    made = WORLDS[request.param](tmp_path, endpoint, faults, monkeypatch)
    made.put([PAYLOAD])
    yield made
    enforce(False)
    made.end()


def enforce(is_on: bool) -> None:
    """Lets moto, which serves in this process, hold all calls against policies, or none."""
    moto_settings.INITIAL_NO_AUTH_ACTION_COUNT = 0.0 if is_on else inf
    ActionAuthenticatorMixin.request_count = 0


def policies(world: World, **more: Any) -> dict[str, dict[str, Any]]:
    """What `init` would print for the settings of a world."""
    table = {"kind": world.kind, **world.settings(), **more}
    return policies_of(needs_of(live_settings_from({"source": [table]}, "test"), {}).needs, ACCOUNT)


def actions_of(policy: dict[str, Any]) -> list[str]:
    return [action for statement in policy["Statement"] for action in statement["Action"]]


def as_moto_knows(policy: dict[str, Any], without: str = "") -> str:
    """The policy, without an action, with the names under which moto looks for actions."""
    statements = []
    for one in policy["Statement"]:
        kept = [action for action in one["Action"] if action != without]
        called = [f"{action}Batch" for action in kept if action.startswith("sqs:")]
        is_of_s3 = all(action.startswith("s3:") for action in kept)
        resources = one["Resource"] if is_of_s3 else ["*"]
        if kept:
            statements.append({**one, "Action": kept + called, "Resource": resources})
    other = {"Sid": "Other", "Effect": "Allow", "Action": ["iam:GetUser"], "Resource": ["*"]}
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements, other]})


def become(endpoint: str, patched: pytest.MonkeyPatch, name: str, policy: str) -> None:
    """From now on calls are those of a fresh user with this policy alone."""
    iam = client("iam", endpoint)
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    patched.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    patched.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])


def made(world: World, **more: Any) -> PullSource:
    source = load(LIVE_SOURCES, world.kind, "source")
    context = live_context(world)
    found: PullSource = source(source.Settings(**world.settings(), **more), context)
    return found


def live_context(world: World) -> Any:
    from tests.sources.aws.cloud import context

    return context(world.tmp_path, world.kind, world.tally)


def read(source: PullSource) -> None:
    """Fetches what was put there, and all that is to be done with it."""
    try:
        for _ in range(60):
            batch = source.fetch()
            source.tend()
            if batch is not None and batch.documents:
                source.committed(batch.position)
                return
        pytest.fail("nothing was fetched")
    finally:
        source.close()


def refusing(allowed: list[str]) -> Any:
    """A fault for each call of X-Ray that a policy does not allow."""

    def next_fault(operation: str) -> Fault:
        return None if f"xray:{operation}" in allowed else "AccessDeniedException"

    return next_fault


def called(faults: Faults, actions: list[str]) -> set[str]:
    """The actions, of those named, that calls were made of."""
    found: set[str] = set()
    for operation in faults.calls:
        names = CALLED_AS.get(operation, [])
        found |= {one for one in actions if one in names or (not names and one.endswith(f":{operation}"))}
    return found


@pytest.mark.parametrize("world", IN_AWS, indirect=True)
def test_the_policy_suffices_and_no_action_of_it_can_be_spared(
    world: World, faults: Faults, endpoint: str, monkeypatch: pytest.MonkeyPatch, request: Any
) -> None:
    name = request.node.callspec.id
    (policy,) = policies(world).values()
    actions = actions_of(policy)
    is_stand_in = world.endpoint != endpoint
    if is_stand_in:
        world.fail_by(refusing(actions))
    else:
        become(endpoint, monkeypatch, "whole", as_moto_knows(policy))
        enforce(True)
    faults.calls.clear()
    read(made(world))
    used = called(faults, actions)
    assert set(actions) - used == RARELY.get(name, set())
    for action in sorted(used):
        if is_stand_in:
            world.fail_by(refusing([one for one in actions if one != action]))
        else:
            enforce(False)
            world.put([PAYLOAD])
            become(endpoint, monkeypatch, action.replace(":", "-"), as_moto_knows(policy, action))
            enforce(True)
        with pytest.raises(SourceError, match=rf"grant {action} on ") as refused:
            read(made(world))
        assert not refused.value.retryable


@pytest.mark.parametrize("world", ["cloudwatch-logs"], indirect=True)
def test_a_role_is_taken_on_with_no_more_than_that(
    world: World, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/read"
    own, of_role = policies(world, role_arn=role).values()
    assert actions_of(own) == ["sts:AssumeRole"]
    iam = client("iam", endpoint)
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="read", AssumeRolePolicyDocument=document)
    iam.put_role_policy(RoleName="read", PolicyName="read", PolicyDocument=as_moto_knows(of_role))
    become(endpoint, monkeypatch, "service", json.dumps(own))
    enforce(True)
    read(made(world, role_arn=role))
    enforce(False)
    become(endpoint, monkeypatch, "nobody", as_moto_knows(own, "sts:AssumeRole"))
    enforce(True)
    with pytest.raises(SourceError, match=r"sts:AssumeRole"):
        read(made(world, role_arn=role))


READ = {
    "s3 listed": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/AWSLogs/2026/one.gz"],
    "s3 told of": [f"arn:aws:sqs:{REGION}:{ACCOUNT}:told", "arn:aws:s3:::logs/told/1.zst"],
    "sqs": [f"arn:aws:sqs:{REGION}:{ACCOUNT}:told"],
    "cloudwatch-logs": [
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:aws/spans:*",
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/a:*",
    ],
    "kinesis": [f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/spans"],
}


@pytest.mark.parametrize(("world", "arns"), READ.items(), indirect=["world"])
def test_arns_name_what_is_read(world: World, arns: list[str]) -> None:
    (policy,) = policies(world).values()
    resources = [one for statement in policy["Statement"] for one in statement["Resource"]]
    for arn in arns:
        assert any(fnmatchcase(arn, one) for one in resources), arn
    foreign = [f"arn:aws:sqs:{REGION}:{ACCOUNT}:other", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:other:*"]
    granted = [one for one in resources if not one.endswith(":log-group:*")]
    assert not [arn for arn in foreign if any(fnmatchcase(arn, one) for one in granted)]


CHANNELS: dict[str, tuple[dict[str, Any], str]] = {
    "sns": ({"topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"}, "sns:Publish"),
    "eventbridge": ({}, "events:PutEvents"),
    "security-hub": ({"account": ACCOUNT}, "securityhub:BatchImportFindings"),
}


@pytest.mark.parametrize("kind", CHANNELS)
def test_the_policy_suffices_for_each_channel_in_aws(
    kind: str, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, action = CHANNELS[kind]
    table = {"kind": kind, "region": REGION, "endpoint_url": endpoint, **table}
    client("sns", endpoint).create_topic(Name="alerts")
    settings = live_settings_from({"notify": [table]}, "test")
    (policy,) = policies_of(needs_of(settings, {}).needs, ACCOUNT).values()
    assert actions_of(policy) == [action]
    notifier = load(NOTIFIERS, kind, "notifier")
    try:
        become(endpoint, monkeypatch, "whole", as_moto_knows(policy))
        enforce(True)
        notifier(settings.notify[0].settings, {}).send(a_message())
        enforce(False)
        become(endpoint, monkeypatch, "nobody", as_moto_knows(policy, action))
        enforce(True)
        with pytest.raises(DeliveryError) as refused:
            notifier(settings.notify[0].settings, {}).send(a_message())
        assert not refused.value.retryable
    finally:
        enforce(False)
