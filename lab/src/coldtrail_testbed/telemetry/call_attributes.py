"""Names, kinds and attributes of calls: AWS SDK, messaging and HTTP conventions of OpenTelemetry."""

from typing import Any, Literal

from coldtrail_testbed.cloud.traces import Document

# X-Ray's name of a service in lower case: its service id, which the AWS SDKs and `rpc.service` use.
SERVICE_IDS = {
    "dynamodb": "DynamoDB",
    "events": "EventBridge",
    "iam": "IAM",
    "lambda": "Lambda",
    "mediaconvert": "MediaConvert",
    "mediapackage-vod": "MediaPackage Vod",
    "s3": "S3",
    "secretsmanager": "Secrets Manager",
    "ses": "SES",
    "sns": "SNS",
    "sqs": "SQS",
    "ssm": "SSM",
    "states": "SFN",
    "stepfunctions": "SFN",
    "sts": "STS",
}
_SENDS = ("Publish", "PublishBatch", "SendMessage", "SendMessageBatch")


def call_kind(call: Document) -> Literal["CLIENT", "PRODUCER"]:
    """PRODUCER for what sends messages, CLIENT for all other calls."""
    return "PRODUCER" if call.get("aws", {}).get("operation") in _SENDS else "CLIENT"


def call_name(call: Document) -> str:
    """The name of a call's span: `<service>.<operation>`, or the method of an HTTP request."""
    if call["namespace"] == "aws":
        return f"{_service_id(call)}.{call.get('aws', {}).get('operation', 'unknown')}"
    return str(call.get("http", {}).get("request", {}).get("method", "HTTP"))


def call_attributes(call: Document) -> dict[str, Any]:
    """The attributes of a call of AWS or of another host."""
    http = call.get("http", {})
    attributes: dict[str, Any] = {}
    if call["namespace"] == "aws":
        attributes |= _aws_attributes(call)
    elif "request" in http:
        attributes["http.request.method"] = http["request"]["method"]
        attributes["url.full"] = http["request"]["url"]
        attributes["server.address"] = call["name"]
    if "status" in http.get("response", {}):
        attributes["http.response.status_code"] = http["response"]["status"]
    return attributes


def _service_id(call: Document) -> str:
    name = str(call["name"])
    return SERVICE_IDS.get(name.lower(), name)


def _aws_attributes(call: Document) -> dict[str, Any]:
    aws = call.get("aws", {})
    attributes = {"rpc.system": "aws-api", "rpc.service": _service_id(call)}
    for attribute, key in (
        ("rpc.method", "operation"),
        ("cloud.region", "region"),
        ("aws.request_id", "request_id"),
    ):
        if key in aws:
            attributes[attribute] = aws[key]
    return attributes | _resource_attributes(aws)


def _resource_attributes(aws: Document) -> dict[str, Any]:
    """What the call is about, under the attribute of its service."""
    if "table_name" in aws:
        tables = [aws["table_name"]]
        return {"db.system.name": "aws.dynamodb", "aws.dynamodb.table_names": tables}
    if "bucket_name" in aws:
        return {"aws.s3.bucket": aws["bucket_name"]} | ({"aws.s3.key": aws["key"]} if "key" in aws else {})
    if "topic_arn" in aws:
        topic = aws["topic_arn"]
        return _message(aws, "aws.sns", topic.rsplit(":", 1)[-1]) | {"aws.sns.topic.arn": topic}
    if "queue_url" in aws:
        queue = aws["queue_url"]
        return _message(aws, "aws_sqs", queue.rsplit("/", 1)[-1]) | {"aws.sqs.queue.url": queue}
    if "function_name" in aws:
        return {
            "faas.invoked_name": aws["function_name"].rsplit(":", 1)[-1],
            "faas.invoked_provider": "aws",
            "faas.invoked_region": aws["region"],
        }
    return {}


def _message(aws: Document, system: str, destination: str) -> dict[str, Any]:
    attributes = {"messaging.system": system, "messaging.destination.name": destination}
    if aws.get("operation") in _SENDS:
        attributes |= {"messaging.operation.type": "send", "messaging.operation.name": "send"}
    return attributes | ({"messaging.message.id": aws["message_id"]} if "message_id" in aws else {})
