"""The resources that the members of a call name: ARNs, and parameters without values."""

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

from coldtrail_testbed.cloud.identifiers import (
    ACCOUNT,
    REGION,
    bucket_arn,
    function_arn,
    queue_arn,
    secret_arn,
    table_arn,
)

Members = Mapping[str, Any]

# Member of a call: its name in CloudTrail's `requestParameters`.
_SHOWN = {
    "TableName": "tableName",
    "IndexName": "indexName",
    "Bucket": "bucketName",
    "prefix": "prefix",
    "CopySource": "x-amz-copy-source",
    "TopicArn": "topicArn",
    "TargetArn": "targetArn",
    "QueueUrl": "queueUrl",
    "QueueName": "queueName",
    "stateMachineArn": "stateMachineArn",
    "executionArn": "executionArn",
    "Name": "name",
    "name": "name",
    "Path": "path",
    "SecretId": "secretId",
    "FunctionName": "functionName",
    "RoleName": "roleName",
    "UserName": "userName",
    "GroupName": "groupName",
    "PolicyName": "policyName",
    "PolicyArn": "policyArn",
    "RoleArn": "roleArn",
    "RoleSessionName": "roleSessionName",
    "Source": "source",
    "FromEmailAddress": "fromEmailAddress",
    "jobTemplate": "jobTemplate",
    "queue": "queue",
    "packagingGroupId": "packagingGroupId",
    "id": "id",
}


def named_parameters(service: str, members: Members) -> dict[str, str]:
    """Names and keys among `members`, as CloudTrail names them; everything else is left out."""
    shown = {
        _SHOWN[member]: value
        for member, value in members.items()
        if member in _SHOWN and isinstance(value, str)
    }
    key = members.get("Key")
    if service == "s3" and isinstance(key, str):
        shown["key"] = key
    elif service == "dynamodb" and isinstance(key, dict):
        shown["key"] = json.dumps({name: _plain(value) for name, value in key.items()})
    return shown


def named_resources(service: str, operation: str, members: Members) -> tuple[str, ...]:
    """The ARNs that a call is about, none where it names no resource."""
    name = _NAMERS.get(service)
    return tuple(name(operation, members)) if name else ()


def _plain(value: Any) -> Any:
    return next(iter(value.values())) if isinstance(value, dict) and value else value


def _arn(service: str, resource: str) -> str:
    return resource if resource.startswith("arn:") else f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _tables(_operation: str, members: Members) -> Iterator[str]:
    names = [members["TableName"]] if "TableName" in members else list(members.get("RequestItems", ()))
    for action in members.get("TransactItems", ()):
        names += [part["TableName"] for part in action.values()]
    for name in dict.fromkeys(names):
        yield name if name.startswith("arn:") else table_arn(name)


def _objects(_operation: str, members: Members) -> Iterator[str]:
    if "Bucket" not in members:
        return
    bucket = bucket_arn(members["Bucket"])
    if "Key" in members:
        yield f"{bucket}/{members['Key']}"
    yield bucket
    if "CopySource" in members:
        yield f"arn:aws:s3:::{unquote(members['CopySource']).lstrip('/').partition('?')[0]}"


def _functions(_operation: str, members: Members) -> Iterator[str]:
    if "FunctionName" in members:
        name = members["FunctionName"]
        yield name if name.startswith("arn:") else function_arn(name)


def _queues(_operation: str, members: Members) -> Iterator[str]:
    if "QueueUrl" in members:
        yield queue_arn(members["QueueUrl"].rsplit("/", 1)[-1])


def _parameters(_operation: str, members: Members) -> Iterator[str]:
    names = [members[member] for member in ("Name", "Path") if member in members]
    for name in (*names, *members.get("Names", ())):
        yield name if name.startswith("arn:") else _arn("ssm", f"parameter/{name.lstrip('/')}")


def _secrets(_operation: str, members: Members) -> Iterator[str]:
    if "SecretId" in members:
        name = members["SecretId"]
        # Secrets Manager appends six characters of its own; here they follow from the name.
        suffix = sha256(name.encode()).hexdigest()[:6]
        yield name if name.startswith("arn:") else secret_arn(name).removesuffix("*") + suffix


def _buses(_operation: str, members: Members) -> Iterator[str]:
    buses = [entry.get("EventBusName", "default") for entry in members.get("Entries", ())]
    for bus in dict.fromkeys(buses):
        yield _arn("events", bus if bus.startswith("arn:") else f"event-bus/{bus}")


def _identities(_operation: str, members: Members) -> Iterator[str]:
    for member, kind in (("RoleName", "role"), ("UserName", "user"), ("GroupName", "group")):
        if member in members:
            yield f"arn:aws:iam::{ACCOUNT}:{kind}/{members[member]}"


def _senders(_operation: str, members: Members) -> Iterator[str]:
    sender = members.get("FromEmailAddress") or members.get("Source")
    if sender:
        yield _arn("ses", f"identity/{sender.rpartition('<')[2].rstrip('>')}")


def _jobs(operation: str, members: Members) -> Iterator[str]:
    if operation == "CreateJob":
        yield _arn("mediaconvert", members.get("queue") or "queues/Default")
    elif "JobTemplate" in operation and "name" in members:
        yield _arn("mediaconvert", f"jobTemplates/{members['name']}")


def _assets(_operation: str, members: Members) -> Iterator[str]:
    if "id" in members:
        yield _arn("mediapackage-vod", f"assets/{members['id']}")


def _given(*names: str) -> Callable[[str, Members], Iterator[str]]:
    """A namer of the ARNs that stand in the call itself."""

    def given(_operation: str, members: Members) -> Iterator[str]:
        return (members[name] for name in names if name in members)

    return given


_NAMERS: dict[str, Callable[[str, Members], Iterator[str]]] = {
    "dynamodb": _tables,
    "s3": _objects,
    "lambda": _functions,
    "sqs": _queues,
    "ssm": _parameters,
    "secretsmanager": _secrets,
    "events": _buses,
    "iam": _identities,
    "ses": _senders,
    "mediaconvert": _jobs,
    "mediapackage-vod": _assets,
    "sns": _given("TopicArn", "TargetArn"),
    "states": _given("stateMachineArn", "executionArn"),
    "sts": _given("RoleArn"),
}
