"""The four machines in the Amazon States Language: ingest, process, publish, and mail."""

from typing import Any

from coldtrail_testbed.applications.vod.names import CONFIGURATION_TABLE, MAIL_LIMIT, TEMPLATES
from coldtrail_testbed.cloud.identifiers import function_arn

State = dict[str, Any]

# What a step of ours raises when it is throttled, and what the Lambda service itself may raise.
_RETRIED = ["WorkflowThrottledException", "Lambda.ServiceException", "Lambda.TooManyRequestsException"]


def ingest() -> State:
    """Checks an upload, probes it, writes its asset, and starts the next machine."""
    return {
        "Comment": "Checks an upload and writes its asset.",
        "StartAt": "Input Validate",
        "States": {
            "Input Validate": _function("input-validate", "MediaInfo"),
            "MediaInfo": _function("mediainfo", "DynamoDB Update (ingest)"),
            "DynamoDB Update (ingest)": _function("dynamo", "SNS Choice (ingest)"),
            "SNS Choice (ingest)": _choice({"$.enableSns": "SNS Notification (ingest)"}, "Process Execute"),
            "SNS Notification (ingest)": _function("sns-notification", "Process Execute"),
            "Process Execute": _function("step-functions", None),
        },
    }


def process() -> State:
    """Chooses the encoding profile, starts the job, and writes both to the asset."""
    profiles = {f"Profile {profile}": template for profile, template in TEMPLATES.items()}
    return {
        "Comment": "Starts the encoding of an asset.",
        "StartAt": "Profiler",
        "States": {
            "Profiler": _function("profiler", "Encoding Profile Check"),
            "Encoding Profile Check": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.encodingProfile", "NumericEquals": profile, "Next": f"Profile {profile}"}
                    for profile in TEMPLATES
                ],
            },
            **{
                name: {"Type": "Pass", "Result": template, "ResultPath": "$.jobTemplate", "Next": "Encode"}
                for name, template in profiles.items()
            },
            "Encode": _function("encode", "DynamoDB Update (process)"),
            "DynamoDB Update (process)": _function("dynamo", None),
        },
    }


def publish() -> State:
    """Finds the outputs of a finished job, archives the source, and tells whoever wants to know."""
    return {
        "Comment": "Publishes an encoded asset.",
        "StartAt": "Validate Encoding Outputs",
        "States": {
            "Validate Encoding Outputs": _function("output-validate", "Archive Source Choice"),
            "Archive Source Choice": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.archiveSource", "StringEquals": tier, "Next": "Archive"}
                    for tier in ("GLACIER", "DEEP_ARCHIVE")
                ],
                "Default": "MediaPackage Choice",
            },
            "Archive": _function("archive-source", "MediaPackage Choice"),
            "MediaPackage Choice": _choice({"$.enableMediaPackage": "MediaPackage Assets"}, _UPDATE),
            "MediaPackage Assets": _function("media-package-assets", _UPDATE),
            _UPDATE: _function("dynamo", "SQS Choice"),
            "SQS Choice": _choice({"$.enableSqs": "SQS Send Message"}, "SNS Choice (publish)"),
            "SQS Send Message": _function("sqs-publish", "SNS Choice (publish)"),
            "SNS Choice (publish)": _choice({"$.enableSns": "SNS Notification (publish)"}, "Complete"),
            "SNS Notification (publish)": _function("sns-notification", "Complete"),
            "Complete": {"Type": "Pass", "End": True},
        },
    }


def mail() -> State:
    """Reads a mail, counts it against the limit, and stores its video among the uploads."""
    return {
        "Comment": "Takes the video out of a mail.",
        "StartAt": "Parse Mail",
        "States": {
            "Parse Mail": _function("mail-parse", "Count Mail"),
            "Count Mail": {
                "Type": "Task",
                "Resource": "arn:aws:states:::dynamodb:updateItem",
                "Parameters": {
                    "TableName": CONFIGURATION_TABLE,
                    "Key": {"function": {"S": "mail-store"}, "setting": {"S": "mailsHandled"}},
                    "UpdateExpression": "SET #value = #value + :one",
                    "ConditionExpression": "#value < :limit",
                    "ExpressionAttributeNames": {"#value": "value"},
                    "ExpressionAttributeValues": {":one": {"N": "1"}, ":limit": {"N": str(MAIL_LIMIT)}},
                },
                "ResultPath": None,
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Mail Limit Reached"}],
                "Next": "Store Attachment",
            },
            "Store Attachment": _function("mail-store", None),
            "Mail Limit Reached": {"Type": "Fail", "Error": "MailLimitReached"},
        },
    }


_UPDATE = "DynamoDB Update (publish)"


def _function(name: str, next_state: str | None) -> State:
    retry = {"ErrorEquals": _RETRIED, "IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 2}
    after: State = {"Next": next_state} if next_state else {"End": True}
    return {"Type": "Task", "Resource": function_arn(name), "Retry": [retry], **after}


def _choice(wanted: dict[str, str], otherwise: str) -> State:
    """Goes where the first field of `wanted` that is true leads."""
    choices = [
        {"Variable": variable, "BooleanEquals": True, "Next": state} for variable, state in wanted.items()
    ]
    return {"Type": "Choice", "Choices": choices, "Default": otherwise}
