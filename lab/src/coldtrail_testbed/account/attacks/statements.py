"""Statements of a function's resource policy, as AddPermission takes and gives them."""

import json
from typing import Any

from coldtrail_testbed.cloud.identifiers import function_arn


def permission(function: str, sid: str, action: str, principal: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and the answer of AddPermission: `principal` may do `action` with `function`."""
    allowed = "*" if principal == "*" else {"AWS": f"arn:aws:iam::{principal}:root"}
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": allowed,
        "Action": action,
        "Resource": function_arn(function),
    }
    parameters = {"functionName": function, "statementId": sid, "action": action, "principal": principal}
    return parameters, {"statement": json.dumps(statement, separators=(",", ":"))}
