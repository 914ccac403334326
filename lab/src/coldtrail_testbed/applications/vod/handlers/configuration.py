"""The settings of a function, read from the configuration table at each invocation."""

import os
import random
from typing import Any

from coldtrail_testbed.applications.vod.handlers import tracing  # noqa: F401  # isort: skip
import boto3

_table = boto3.resource("dynamodb").Table(os.environ["CONFIGURATION_TABLE"])


class WorkflowThrottledException(Exception):  # noqa: N818 - named as in the state machines
    """The step was throttled; another attempt may succeed."""


def read_setting(function: str, setting: str) -> float:
    """The value of one setting of `function`."""
    answer: dict[str, Any] = _table.query(
        KeyConditionExpression="#function = :function AND #setting = :setting",
        ExpressionAttributeNames={"#function": "function", "#setting": "setting"},
        ExpressionAttributeValues={":function": function, ":setting": setting},
    )
    return float(answer["Items"][0]["value"])


def throttle(share: float) -> None:
    """None; raises in `share` of the cases."""
    if random.random() < share:  # noqa: S311 - not for secrets
        raise WorkflowThrottledException("the rate was exceeded")
