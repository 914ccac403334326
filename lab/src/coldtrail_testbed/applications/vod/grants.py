"""What each role of video on demand allows: what its function or machine does, and no more."""

from coldtrail_testbed.applications.model import Grant, ServiceRole
from coldtrail_testbed.applications.vod import names
from coldtrail_testbed.cloud.identifiers import (
    ACCOUNT,
    REGION,
    bucket_arn,
    function_arn,
    parameter_arn,
    queue_arn,
    secret_arn,
    state_machine_arn,
    table_arn,
    topic_arn,
)

MEDIA_CONVERT_ROLE = f"arn:aws:iam::{ACCOUNT}:role/vod-media-convert"
MEDIA_PACKAGE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/vod-media-package"

_MEDIA_CONVERT = f"arn:aws:mediaconvert:{REGION}:{ACCOUNT}"
_QUEUE_OF_JOBS = f"{_MEDIA_CONVERT}:queues/Default"
_JOB_TEMPLATES = f"{_MEDIA_CONVERT}:jobTemplates/*"


def _objects(bucket: str, *actions: str) -> Grant:
    return Grant(tuple(f"s3:{action}" for action in actions), f"{bucket_arn(bucket)}/*")


def _assets(*actions: str) -> Grant:
    return Grant(tuple(f"dynamodb:{action}" for action in actions), table_arn(names.ASSETS_TABLE))


def _starts(machine: str) -> Grant:
    return Grant(("states:StartExecution",), state_machine_arn(machine))


def _invokes(function: str) -> Grant:
    return Grant(("lambda:InvokeFunction",), function_arn(function))


_REPORTS = _invokes("error-handler")
_SETTINGS = Grant(("dynamodb:Query",), table_arn(names.CONFIGURATION_TABLE))
_PUBLISHES = Grant(("sns:Publish",), topic_arn(names.NOTIFICATION_TOPIC))
_LISTS_OUTPUTS = Grant(("s3:ListBucket",), bucket_arn(names.DESTINATION_BUCKET))
# The identity is the domain, or an address of it that was verified by itself.
_MAILS = Grant(("ses:SendEmail",), f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/*{names.MAIL_DOMAIN}")

FUNCTION_GRANTS: dict[str, list[Grant]] = {
    "step-functions": [_starts(names.INGEST), _starts(names.PROCESS), _starts(names.PUBLISH), _REPORTS],
    "input-validate": [
        Grant(("ssm:GetParameter",), parameter_arn(names.WORKFLOW_PARAMETER)),
        _objects(names.SOURCE_BUCKET, "GetObject"),
        _REPORTS,
    ],
    "mediainfo": [_SETTINGS, _objects(names.SOURCE_BUCKET, "GetObject", "GetObjectTagging"), _REPORTS],
    "dynamo": [_SETTINGS, _assets("UpdateItem"), _REPORTS],
    "sns-notification": [_PUBLISHES, _REPORTS],
    "profiler": [_SETTINGS, _assets("GetItem"), _REPORTS],
    "encode": [
        _SETTINGS,
        Grant(("mediaconvert:GetJobTemplate",), _JOB_TEMPLATES),
        Grant(("mediaconvert:CreateJob",), _JOB_TEMPLATES),
        Grant(("mediaconvert:CreateJob",), _QUEUE_OF_JOBS),
        Grant(("iam:PassRole",), MEDIA_CONVERT_ROLE),
        _REPORTS,
    ],
    "output-validate": [_SETTINGS, _assets("GetItem"), _LISTS_OUTPUTS, _REPORTS],
    "archive-source": [
        Grant(("ssm:GetParameter",), parameter_arn(names.ARCHIVE_PARAMETER)),
        _objects(names.SOURCE_BUCKET, "PutObjectTagging"),
        _assets("UpdateItem"),
        _REPORTS,
    ],
    "media-package-assets": [
        Grant(("secretsmanager:GetSecretValue",), secret_arn(names.PACKAGING_SECRET)),
        Grant(("mediapackage-vod:CreateAsset",), "*"),
        Grant(("iam:PassRole",), MEDIA_PACKAGE_ROLE),
        _REPORTS,
    ],
    "sqs-publish": [Grant(("sqs:SendMessage",), queue_arn(names.PUBLISHED_QUEUE)), _REPORTS],
    "error-handler": [_assets("UpdateItem"), _PUBLISHES],
    "custom-resource": [
        Grant(("mediaconvert:ListJobTemplates", "mediaconvert:CreateJobTemplate"), "*"),
        Grant(("s3:GetBucketNotification", "s3:PutBucketNotification"), bucket_arn(names.SOURCE_BUCKET)),
    ],
    "mail-receive": [_starts(names.MAIL), _REPORTS],
    "mail-parse": [_objects(names.MAIL_BUCKET, "GetObject"), _REPORTS],
    "mail-store": [
        _objects(names.MAIL_BUCKET, "GetObject"),
        _objects(names.SOURCE_BUCKET, "PutObject"),
        _MAILS,
        _REPORTS,
    ],
    "publish-digest": [
        Grant(("sqs:ReceiveMessage", "sqs:DeleteMessage"), queue_arn(names.PUBLISHED_QUEUE)),
        _MAILS,
        _REPORTS,
    ],
    "thumbnails": [
        _LISTS_OUTPUTS,
        _objects(names.DESTINATION_BUCKET, "PutObject"),
        _assets("UpdateItem"),
        _REPORTS,
    ],
}

# What MediaConvert and MediaPackage may do when a function passes them its role.
SERVICE_ROLES = (
    ServiceRole(
        "vod-media-convert",
        "mediaconvert.amazonaws.com",
        [_objects(names.SOURCE_BUCKET, "GetObject"), _objects(names.DESTINATION_BUCKET, "PutObject")],
    ),
    ServiceRole(
        "vod-media-package",
        "mediapackage.amazonaws.com",
        [
            _objects(names.DESTINATION_BUCKET, "GetObject"),
            Grant(
                ("s3:GetBucketLocation", "s3:GetBucketRequestPayment"), bucket_arn(names.DESTINATION_BUCKET)
            ),
        ],
    ),
)

MACHINE_GRANTS: dict[str, list[Grant]] = {
    names.INGEST: [
        _invokes(function)
        for function in ("input-validate", "mediainfo", "dynamo", "sns-notification", "step-functions")
    ],
    names.PROCESS: [_invokes(function) for function in ("profiler", "encode", "dynamo")],
    names.PUBLISH: [
        _invokes(function)
        for function in (
            "output-validate",
            "archive-source",
            "media-package-assets",
            "dynamo",
            "sqs-publish",
            "sns-notification",
        )
    ],
    names.MAIL: [
        _invokes("mail-parse"),
        _invokes("mail-store"),
        Grant(("dynamodb:UpdateItem",), table_arn(names.CONFIGURATION_TABLE)),
    ],
}
