"""Denied calls: the function tries out what its role may do, and is refused again and again."""

from functools import cache, partial
from typing import Any

from coldtrail_testbed.attacks.locating import calls_of
from coldtrail_testbed.attacks.model import Attack, Handler, Place
from coldtrail_testbed.cloud.identifiers import ACCOUNT
from coldtrail_testbed.flows import Flow

_ROLES = ("admin", "deployment", "OrganizationAccountAccessRole")


def _probe_first(ordinary: Handler, event: Any, context: Any) -> Any:
    from botocore.exceptions import ClientError

    identity, token = _client("iam"), _client("sts")
    attempts = [identity.list_users, identity.get_user, identity.list_roles, identity.list_policies]
    assume = partial(token.assume_role, RoleSessionName="test")
    attempts += [partial(assume, RoleArn=_role_arn(role)) for role in _ROLES]
    for attempt in attempts:
        try:
            attempt()
        except ClientError:
            continue
    return ordinary(event, context)


def _role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


@cache
def _client(service: str) -> Any:
    import boto3

    return boto3.client(service)


def _locate(flow: Flow) -> list[str]:
    return [*calls_of("iam")(flow), *calls_of("sts")(flow)]


ATTACK = Attack(
    name="denied_calls",
    summary="tries seven IAM and STS calls that are denied",
    places={
        "airline": Place("CollectPayment", _probe_first, _locate),
        "vod": Place("mediainfo", _probe_first, _locate),
    },
)
