"""What video on demand consists of."""

import json

from coldtrail_testbed.applications.model import (
    Application,
    BucketNotification,
    EventRule,
    Function,
    MailRule,
    Schedule,
    StateMachine,
    Table,
)
from coldtrail_testbed.applications.vod import names, state_machines
from coldtrail_testbed.applications.vod.grants import (
    FUNCTION_GRANTS,
    MACHINE_GRANTS,
    MEDIA_CONVERT_ROLE,
    MEDIA_PACKAGE_ROLE,
    SERVICE_ROLES,
)
from coldtrail_testbed.applications.vod.users import gap_between_uploads, vod_users
from coldtrail_testbed.cloud.identifiers import function_arn, queue_url, state_machine_arn, topic_arn

THROTTLED_SHARE = 0.01
_TIMEOUT_S = 60.0
_CHECK_EVERY_S = 3600
_DIGEST_EVERY_S = 120

_HANDLERS = "coldtrail_testbed.applications.vod.handlers"
_LATER = "thumbnails"
_CONFIGURATION: dict[str, dict[str, float]] = {
    "mediainfo": {"failureShare": THROTTLED_SHARE},
    "dynamo": {"failureShare": THROTTLED_SHARE, "lifetimeDays": 90},
    "profiler": {"failureShare": THROTTLED_SHARE, "highestProfile": 2160, "qualityLevel": 7},
    "encode": {"failureShare": THROTTLED_SHARE, "priority": 0},
    "output-validate": {"failureShare": THROTTLED_SHARE, "fewestOutputs": 1},
    "mail-store": {"mailsHandled": 0},
}
_WORKFLOW = {
    "archiveSource": "GLACIER",
    "enableMediaPackage": False,
    "enableSns": True,
    "enableSqs": True,
}
_MACHINES = {
    names.INGEST: state_machines.ingest(),
    names.PROCESS: state_machines.process(),
    names.PUBLISH: state_machines.publish(),
    names.MAIL: state_machines.mail(),
}


def _function(name: str) -> Function:
    handler = f"{_HANDLERS}.{name.replace('-', '_')}.handler"
    return Function(name, handler, timeout_s=_TIMEOUT_S, grants=FUNCTION_GRANTS[name])


def _job_rule(name: str, status: str, function: str) -> EventRule:
    """A rule for the jobs of this application that end with `status`."""
    detail = {"status": [status], "userMetadata": {"workflow": ["vod"]}}
    source, kind = ["aws.mediaconvert"], ["MediaConvert Job State Change"]
    return EventRule(name, {"source": source, "detail-type": kind, "detail": detail}, function)


APPLICATION = Application(
    name="vod",
    summary="Video on demand: 17 functions woken by uploads, mails, jobs and timers; four state machines.",
    functions=[_function(name) for name in FUNCTION_GRANTS if name != _LATER],
    users=vod_users,
    gap=gap_between_uploads,
    tables=[
        Table(names.ASSETS_TABLE, hash_key="guid"),
        Table(
            names.CONFIGURATION_TABLE,
            hash_key="function",
            range_key="setting",
            items=[
                {"function": function, "setting": setting, "value": value}
                for function, settings in _CONFIGURATION.items()
                for setting, value in settings.items()
            ],
        ),
    ],
    topics=[names.NOTIFICATION_TOPIC],
    queues=[names.PUBLISHED_QUEUE],
    buckets=[names.SOURCE_BUCKET, names.DESTINATION_BUCKET, names.MAIL_BUCKET],
    public_buckets=[names.DESTINATION_BUCKET],
    bucket_notifications=[
        BucketNotification(names.SOURCE_BUCKET, "step-functions", prefix=names.UPLOADS),
        BucketNotification(names.MAIL_BUCKET, "mail-receive", prefix=names.INBOX),
    ],
    mail_rules=[MailRule(names.MAIL_DOMAIN, names.MAIL_BUCKET, names.INBOX)],
    parameters={names.WORKFLOW_PARAMETER: json.dumps(_WORKFLOW), names.ARCHIVE_PARAMETER: "archive-to"},
    secrets={
        names.PACKAGING_SECRET: json.dumps({"resourceId": "vod-publisher"}),
        names.PARTNER_SECRET: json.dumps({"token": "for-the-partner-alone"}),
    },
    schedules=[
        Schedule("vod-check-resources", _CHECK_EVERY_S, "custom-resource", {"RequestType": "Update"}),
        Schedule("vod-publish-digest", _DIGEST_EVERY_S, "publish-digest"),
    ],
    event_rules=[
        _job_rule("vod-job-complete", "COMPLETE", "step-functions"),
        _job_rule("vod-job-error", "ERROR", "error-handler"),
        _job_rule("vod-job-thumbnails", "COMPLETE", _LATER),
    ],
    state_machines=[
        StateMachine(name, definition, MACHINE_GRANTS[name]) for name, definition in _MACHINES.items()
    ],
    service_roles=SERVICE_ROLES,
    variables={
        "SOURCE_BUCKET": names.SOURCE_BUCKET,
        "DESTINATION_BUCKET": names.DESTINATION_BUCKET,
        "DELIVERY_HOST": "d1vod7e2k4m9q.cloudfront.net",
        "ASSETS_TABLE": names.ASSETS_TABLE,
        "CONFIGURATION_TABLE": names.CONFIGURATION_TABLE,
        "NOTIFICATION_TOPIC": topic_arn(names.NOTIFICATION_TOPIC),
        "PUBLISHED_QUEUE": queue_url(names.PUBLISHED_QUEUE),
        "INGEST_STATE_MACHINE": state_machine_arn(names.INGEST),
        "PROCESS_STATE_MACHINE": state_machine_arn(names.PROCESS),
        "PUBLISH_STATE_MACHINE": state_machine_arn(names.PUBLISH),
        "MAIL_STATE_MACHINE": state_machine_arn(names.MAIL),
        "ERROR_HANDLER": "error-handler",
        "UPLOAD_FUNCTION_ARN": function_arn("step-functions"),
        "WORKFLOW_PARAMETER": names.WORKFLOW_PARAMETER,
        "ARCHIVE_PARAMETER": names.ARCHIVE_PARAMETER,
        "PACKAGING_SECRET": names.PACKAGING_SECRET,
        "PACKAGING_GROUP": names.PACKAGING_GROUP,
        "MEDIA_CONVERT_ROLE": MEDIA_CONVERT_ROLE,
        "MEDIA_PACKAGE_ROLE": MEDIA_PACKAGE_ROLE,
        "JOB_TEMPLATES": ",".join(names.TEMPLATES.values()),
        "MAIL_SENDER": f"no-reply@{names.MAIL_DOMAIN}",
        "EDITORS_ADDRESS": f"editors@{names.MAIL_DOMAIN}",
    },
    releases={"mediainfo": f"{_HANDLERS}.mediainfo_with_tags.handler"},
    later=[_function(_LATER)],
    partner="mediaconvert",
    partner_callers=["encode", "custom-resource"],
    iterations=3000,
)
