"""What the payment provider's functions share: their mode and the states of a charge."""

import os

from coldtrail_testbed.applications.airline.handlers import tracing  # noqa: F401  # isort: skip
import boto3
from botocore.exceptions import ClientError

_ssm = boto3.client("ssm")
_table = boto3.resource("dynamodb").Table(os.environ["PAYMENT_TABLE"])


def read_mode() -> str:
    """The provider's mode: `test-mode` moves no money."""
    answer = _ssm.get_parameter(Name=os.environ["PAYMENT_PROVIDER_PARAMETER"])
    return str(answer["Parameter"]["Value"])


def change_status(charge_id: str, *, before: str, after: str) -> bool:
    """Whether the charge was in the state `before` and now is in `after`."""
    try:
        _table.update_item(
            Key={"id": charge_id},
            ConditionExpression="#status = :before",
            UpdateExpression="SET #status = :after",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":before": before, ":after": after},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True
