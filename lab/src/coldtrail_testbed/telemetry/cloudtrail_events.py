"""What CloudTrail makes of a call: whether it is logged, as which kind of event, and under which name.

After "Logging data events" (CloudTrail user guide: the resource types whose calls are data events) and the
pages "Logging ... API calls with AWS CloudTrail" of each service. The trail logs all management events and
the data events of all types in `_DATA_TYPES`. What no page says that CloudTrail logs is left out:
EventBridge PutEvents, X-Ray, CloudWatch Logs and metrics.
"""

from typing import Any

from coldtrail_testbed.cloud.identifiers import ACCOUNT
from coldtrail_testbed.cloud.permissions import action_of
from coldtrail_testbed.facts import Call

_BUCKET_CALLS = ("Bucket", "PublicAccessBlock", "ListBuckets")
_TABLE_CALLS = ("Table", "Backup", "TagResource", "TimeToLive", "DescribeLimits", "DescribeEndpoints")
_DATA_OPERATIONS = {
    "lambda": ("Invoke",),
    "sns": ("Publish", "PublishBatch"),
    "sqs": (
        "SendMessage",
        "SendMessageBatch",
        "ReceiveMessage",
        "DeleteMessage",
        "DeleteMessageBatch",
        "ChangeMessageVisibility",
    ),
    "ses": ("SendEmail", "SendRawEmail", "SendTemplatedEmail"),
}
_DATA_TYPES = {
    "lambda": "AWS::Lambda::Function",
    "dynamodb": "AWS::DynamoDB::Table",
    "sns": "AWS::SNS::Topic",
    "sqs": "AWS::SQS::Queue",
    "ses": "AWS::SES::EmailIdentity",
}
_MANAGEMENT_TYPES = {"sts": "AWS::IAM::Role"}
_UNLOGGED_SERVICES = ("", "xray", "logs", "monitoring")
_READS = ("Get", "List", "Describe", "Head", "Query", "Scan", "BatchGet", "AssumeRole", "Simulate")
# Lambda's names in CloudTrail carry the version of the API that brought the operation.
_LAMBDA_NAMES = {
    "AddPermission": "AddPermission20150331v2",
    "GetAccountSettings": "GetAccountSettings20160819",
    "GetPolicy": "GetPolicy20150331v2",
    "ListVersionsByFunction": "ListVersionsByFunction20150331",
    "PublishLayerVersion": "PublishLayerVersion20181031",
    "RemovePermission": "RemovePermission20150331v2",
    "UpdateAlias": "UpdateAlias20150331",
    "CreateFunction": "CreateFunction20150331",
    "GetFunction": "GetFunction20150331v2",
    "GetFunctionConfiguration": "GetFunctionConfiguration20150331v2",
    "ListFunctions": "ListFunctions20150331",
    "PublishVersion": "PublishVersion20150331",
    "UpdateFunctionCode": "UpdateFunctionCode20150331v2",
    "UpdateFunctionConfiguration": "UpdateFunctionConfiguration20150331v2",
}


def is_logged(call: Call) -> bool:
    """Whether the trail holds `call`."""
    return call.service not in _UNLOGGED_SERVICES and (call.service, call.operation) != (
        "events",
        "PutEvents",
    )


def is_data_event(call: Call) -> bool:
    """Whether `call` is about what a resource holds, not about the resource itself."""
    if call.service == "s3":
        return not any(word in call.operation for word in _BUCKET_CALLS)
    if call.service == "dynamodb":
        return not any(word in call.operation for word in _TABLE_CALLS)
    return call.operation in _DATA_OPERATIONS.get(call.service, ())


def is_read(call: Call) -> bool:
    """Whether `call` changes nothing."""
    return call.operation.startswith(_READS)


def event_name(call: Call) -> str:
    """The name under which CloudTrail logs the operation."""
    if call.service == "lambda":
        return _LAMBDA_NAMES.get(call.operation, call.operation)
    return "ListObjects" if call.operation == "ListObjectsV2" else call.operation


def event_source(call: Call) -> str:
    """The service's name in CloudTrail."""
    return f"{call.service}.amazonaws.com"


def resources(call: Call) -> list[dict[str, str]]:
    """The resources of a record: those of data events, and of the management events that name some."""
    named = is_data_event(call) or call.service in ("ssm", "sts")
    arns = [arn for arn in call.resources if arn.startswith("arn:")] if named else []
    return [_resource(call.service, arn) for arn in arns]


def _resource(service: str, arn: str) -> dict[str, str]:
    if service == "s3" and "/" in arn:
        return {"type": "AWS::S3::Object", "ARN": arn}
    kind = "AWS::S3::Bucket" if service == "s3" else _DATA_TYPES.get(service, _MANAGEMENT_TYPES.get(service))
    return {"accountId": ACCOUNT, **({"type": kind} if kind else {}), "ARN": arn}


def denial(call: Call, arn: str) -> dict[str, Any]:
    """The error of a record; refusals of permission have one code and one text in all services."""
    if call.error_code is None:
        return {}
    if not call.error_code.startswith("AccessDenied"):
        return {"errorCode": call.error_code}
    action = action_of(call.service, call.operation)
    where = f" on resource: {call.resources[0]}" if call.resources else ""
    why = f"because no identity-based policy allows the {action} action"
    text = f"User: {arn} is not authorized to perform: {action}{where} {why}"
    return {"errorCode": "AccessDenied", "errorMessage": text}
