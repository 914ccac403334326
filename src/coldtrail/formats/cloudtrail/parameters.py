"""The few parameters of requests and answers that may enter, by the service that was called."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Raw

from coldtrail.records.telemetry import SEVERAL

_MOST_NAMED = 25
_MOST = 2**63
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_decode_all = msgspec.json.Decoder().decode
_TARGETS: dict[str, tuple[str, ...]] = {
    "ApiGateway": ("restApiId", "apiId"),
    "Athena": ("workGroup",),
    "Bedrock": ("modelId", "modelIdentifier"),
    "BedrockRuntime": ("modelId",),
    "CloudFormation": ("stackName",),
    "CloudTrail": ("name", "trailName"),
    "CodeBuild": ("projectName", "name"),
    "Cognito": ("userPoolId", "identityPoolId"),
    "DynamoDB": ("tableName", "tableArn", "requestItems", "globalTableName", "resourceArn"),
    "DynamoDBStreams": ("streamArn",),
    "EC2": ("instanceId",),
    "ECR": ("repositoryName",),
    "ECS": ("taskDefinition", "cluster"),
    "EventBridge": ("eventBusName", "rule", "name"),
    "Firehose": ("deliveryStreamName",),
    "IAM": ("roleName", "userName", "groupName", "policyArn", "policyName"),
    "KMS": ("keyId",),
    "Kinesis": ("streamName", "streamARN"),
    "Lambda": ("functionName", "resource", "resourceArn", "layerName"),
    "Logs": ("logGroupName", "logGroupIdentifier"),
    "RDS": ("dBInstanceIdentifier", "dBClusterIdentifier", "dBSnapshotIdentifier"),
    "RDSDataService": ("resourceArn",),
    "Redshift": ("clusterIdentifier",),
    "S3": ("bucketName",),
    "SES": ("source", "fromEmailAddress"),
    "SNS": ("topicArn", "targetArn", "name"),
    "SQS": ("queueUrl", "queueName"),
    "SSM": ("name", "names", "path", "documentName"),
    "STS": ("roleArn",),
    "SecretsManager": ("secretId", "name", "secretIdList"),
    "StepFunctions": ("stateMachineArn", "executionArn", "activityArn"),
}
"""The keys that name what a call is about, the first that is there counts."""
_PEOPLE = frozenset(("userName", "source", "fromEmailAddress"))
"""Keys whose values name people."""


def mapping(value: object) -> Mapping[str, object]:
    """The JSON object, or an empty one in its place."""
    return value if isinstance(value, dict) else {}


def text_of(values: Mapping[str, object], *keys: str) -> str | None:
    """The first text under one of the keys, with a lower- or upper-case first letter."""
    for key in keys:
        for spelt in (key, key[:1].upper() + key[1:]):
            value = values.get(spelt)
            if isinstance(value, str) and value:
                return value
    return None


def number_of(value: object) -> int | None:
    """A count, however it is written."""
    if value is None or isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value < _MOST else None


class Parameters:
    """Parameters of requests and answers, of which no more is decoded than may enter."""

    def __init__(self, hide: Callable[[str], str]) -> None:
        """`hide` gives the pseudonym of who or what a name names."""
        self._hide = hide
        self._decoders = {service: _decoder(keys) for service, keys in _TARGETS.items()}

    def target(self, service: str, request: Raw) -> str | None:
        """What a call is about; several are parted by `SEVERAL`, and people are hidden."""
        decode = self._decoders.get(service)
        if decode is None or bytes(request)[:1] != b"{":
            return None
        try:
            listed = decode(request)
        except _BROKEN:
            return None
        for key in _TARGETS[service]:
            value = getattr(listed, key)
            if value:
                found = self._named(key, value)
                if found is not None:
                    return found
        return None

    def _named(self, key: str, value: object) -> str | None:
        if isinstance(value, str):
            return self._hide(value) if key in _PEOPLE else value
        names = list(value) if isinstance(value, list | dict) else []
        named = [name for name in names[:_MOST_NAMED] if isinstance(name, str) and name]
        return SEVERAL.join([self._hide(name) for name in named] if key in _PEOPLE else named) or None

    @staticmethod
    def all(parameters: Raw) -> object:
        """All parameters, for who takes listed keys of them alone; None where they cannot be read."""
        try:
            return _decode_all(parameters) if bytes(parameters) else None
        except _BROKEN:
            return None


def _decoder(keys: tuple[str, ...]) -> Callable[[Raw], object]:
    """Decodes these keys, whatever stands under them, and no others."""
    fields: list[tuple[str, type, object]] = [(key, object, None) for key in keys]
    return msgspec.json.Decoder(msgspec.defstruct("Listed", fields, gc=False)).decode
