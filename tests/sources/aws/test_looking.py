"""What `doctor` asks of an account."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from coldtrail.errors import SourceError
from coldtrail.sources.aws.account import AwsSettings
from coldtrail.sources.aws.looking import Depth, TracedFunction, functions_of, queue_depth
from coldtrail.sources.aws.sqs import SqsSettings
from tests.sources.aws.cloud import REGION, Faults, client, context


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("app.py", "def handler(event, context): ...")
    return made.getvalue()


def make_function(endpoint: str, name: str, mode: str) -> None:
    role = "arn:aws:iam::123456789012:role/run"
    client("lambda", endpoint).create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=role,
        Handler="app.handler",
        Code={"ZipFile": archive()},
        TracingConfig={"Mode": mode},
    )


def make_role(endpoint: str) -> None:
    trust = {"Version": "2012-10-17", "Statement": []}
    client("iam", endpoint).create_role(RoleName="run", AssumeRolePolicyDocument=json.dumps(trust))


def test_functions_say_whether_they_are_traced(endpoint: str, tmp_path: Path) -> None:
    make_role(endpoint)
    make_function(endpoint, "Order", "Active")
    make_function(endpoint, "Pay", "PassThrough")
    found = functions_of(AwsSettings(region=REGION, endpoint_url=endpoint), context(tmp_path))
    assert sorted(found) == [TracedFunction("Order", True), TracedFunction("Pay", False)]


def test_what_waits_in_a_queue_is_left_alone(endpoint: str, tmp_path: Path, faults: Faults) -> None:
    sqs = client("sqs", endpoint)
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    settings = SqsSettings(queue=url, region=REGION, endpoint_url=endpoint)
    assert queue_depth(settings, context(tmp_path)) == Depth(0, True)
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    faults.calls.clear()
    assert queue_depth(settings, context(tmp_path)) == Depth(1, None)
    assert faults.calls == ["GetQueueAttributes"]


def test_a_lost_permission_is_one_sentence(endpoint: str, tmp_path: Path, faults: Faults) -> None:
    faults.next_fault = lambda operation: "AccessDeniedException"
    with pytest.raises(SourceError, match=r"grant lambda:ListFunctions on \*\."):
        functions_of(AwsSettings(region=REGION, endpoint_url=endpoint), context(tmp_path))
