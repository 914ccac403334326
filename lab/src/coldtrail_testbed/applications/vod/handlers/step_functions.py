"""step-functions: starts the ingest, process and publish machines."""

import json
import os
import uuid
from typing import Any
from urllib.parse import unquote_plus

from coldtrail_testbed.applications.vod.handlers.assets import time_now
from coldtrail_testbed.applications.vod.handlers.reporting import reporting

import boto3  # isort: skip

_states = boto3.client("stepfunctions")


def ingest_input(record: dict[str, Any]) -> dict[str, Any]:
    """The input of the ingest machine for one uploaded object: a video, or a file that describes one."""
    bucket, key = record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"])
    trigger, field = ("Metadata", "srcMetadataFile") if key.endswith(".json") else ("Video", "srcVideo")
    guid = str(uuid.uuid4())
    return {
        "guid": guid,
        "startTime": time_now(),
        "workflowTrigger": trigger,
        "workflowStatus": "Ingest",
        "srcBucket": bucket,
        field: key,
    }


def start(machine: str, guid: str, document: dict[str, Any]) -> str:
    """The ARN of the started execution, which carries the asset's `guid` as its name."""
    answer = _states.start_execution(stateMachineArn=machine, name=guid, input=json.dumps(document))
    return str(answer["executionArn"])


@reporting("step-functions")
def handler(event: dict[str, Any], _context: Any) -> list[str]:
    """The ARNs of the executions: of ingest for uploads, of process for an asset, of publish for a job."""
    if "Records" in event:
        inputs = [ingest_input(record) for record in event["Records"]]
        return [start(os.environ["INGEST_STATE_MACHINE"], each["guid"], each) for each in inputs]
    if "detail" in event:
        guid, job = event["detail"]["userMetadata"]["guid"], event["detail"]["jobId"]
        return [start(os.environ["PUBLISH_STATE_MACHINE"], guid, {"guid": guid, "encodingJobId": job})]
    return [start(os.environ["PROCESS_STATE_MACHINE"], event["guid"], {"guid": event["guid"]})]
