"""custom-resource: sets up what the deployment's template cannot, and sets it right when it has changed."""

import os
from typing import Any

from coldtrail_testbed.applications.vod.handlers.job_templates import template_settings
from coldtrail_testbed.applications.vod.handlers.tracing import traced

import boto3  # isort: skip

_media_convert = boto3.client("mediaconvert")
_s3 = boto3.client("s3")


@traced("## custom_resource")
def check_templates() -> list[str]:
    """The names of the job templates that were missing, and are there now."""
    templates = _media_convert.list_job_templates(Category="VOD")["JobTemplates"]
    known = {template["Name"] for template in templates}
    missing = [name for name in os.environ["JOB_TEMPLATES"].split(",") if name not in known]
    for name in missing:
        _media_convert.create_job_template(Name=name, Category="VOD", Settings=template_settings(name))
    return missing


def check_notification() -> bool:
    """Whether the source bucket had lost its notification; it has one again."""
    bucket = os.environ["SOURCE_BUCKET"]
    found = _s3.get_bucket_notification_configuration(Bucket=bucket)
    if found.get("LambdaFunctionConfigurations"):
        return False
    rule = {"LambdaFunctionArn": os.environ["UPLOAD_FUNCTION_ARN"], "Events": ["s3:ObjectCreated:*"]}
    _s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [rule]}
    )
    return True


def handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """What had to be set up."""
    return {"templates": check_templates(), "notification": check_notification()}
