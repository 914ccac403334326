"""What Lambda answers to a change of a function, as CloudTrail repeats it in `responseElements`.

After "API_UpdateFunctionCode", response syntax (Lambda API reference); CloudTrail writes the names in lower
camel case and leaves the values of environment variables out.
"""

from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from coldtrail_testbed.cloud.function_runs import Deployment
from coldtrail_testbed.cloud.identifiers import REGION, function_arn, role_name
from coldtrail_testbed.telemetry.cloudtrail_identities import role_arn
from coldtrail_testbed.telemetry.cloudtrail_records import derived_id

_RUNTIME = (
    f"arn:aws:lambda:{REGION}::runtime:c1a8b3e6f1d24be8a1f0c6f2d3f0b7a95c7d1e42a3b6c8d9e0f1a2b3c4d5e6f7"
)


def configuration(deployment: Deployment, time: float, version: str = "$LATEST") -> dict[str, Any]:
    """The configuration of a function after a change at `time`."""
    function = deployment.function
    arn = function_arn(function.name)
    return {
        "functionName": function.name,
        "functionArn": arn if version == "$LATEST" else f"{arn}:{version}",
        "runtime": "python3.11",
        "role": role_arn(role_name(function.name)),
        "handler": ".".join(deployment.own_handler.split(".")[-2:]),
        "codeSize": 1_048_576 + len(deployment.code) * 17,
        "codeSha256": code_sha256(deployment),
        "description": "",
        "timeout": int(function.timeout_s),
        "memorySize": function.memory_mb,
        "lastModified": datetime.fromtimestamp(int(time), UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "version": version,
        "environment": {},
        "tracingConfig": {"mode": "Active"},
        "revisionId": derived_id("revision", function.name, deployment.version, str(time)),
        "layers": [{"arn": layer, "codeSize": 2_120} for layer in deployment.layers],
        "state": "Active",
        "lastUpdateStatus": "InProgress" if version == "$LATEST" else "Successful",
        "packageType": "Zip",
        "architectures": ["x86_64"],
        "ephemeralStorage": {"size": 512},
        "snapStart": {"applyOn": "None", "optimizationStatus": "Off"},
        "runtimeVersionConfig": {"runtimeVersionArn": _RUNTIME},
        "loggingConfig": {"logFormat": "Text", "logGroup": f"/aws/lambda/{function.name}"},
    }


def code_sha256(deployment: Deployment) -> str:
    """The digest of a deployment package, as Lambda writes it; it follows from what is in the package."""
    return b64encode(sha256(f"{deployment.own_handler} {deployment.code}".encode()).digest()).decode()
