"""The few parameters of requests and answers that may enter, by the service that was called."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coldtrail.records.telemetry import SEVERAL

_MOST_NAMED = 25
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


def number_of(values: Mapping[str, object], key: str) -> int | None:
    """A count under the key, however it is written."""
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**63:
        return None
    return int(value)


def target_of(service: str, request: Mapping[str, object], hide: Callable[[str], str]) -> str | None:
    """What a call is about; several are parted by `SEVERAL`, and people are hidden."""
    for key in _TARGETS.get(service, ()):
        value = request.get(key)
        names = [value] if isinstance(value, str) else list(value) if isinstance(value, list | dict) else []
        named = [name for name in names[:_MOST_NAMED] if isinstance(name, str) and name]
        if named:
            return SEVERAL.join([hide(name) for name in named] if key in _PEOPLE else named)
    return None
