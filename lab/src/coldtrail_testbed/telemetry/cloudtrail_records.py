"""CloudTrail records of calls, of runs of functions and of the sessions of their roles.

After "CloudTrail record contents for management, data, and network activity events" (CloudTrail user
guide), a published record of a Lambda invocation by each kind of caller, and recorded real management
events. Not certain: `requestParameters` hold names and keys only, `responseElements` are null; `eventTime`,
which AWS takes when a request is completed, is that of the call's or the handler's start; an event source
mapping invokes as `lambda.amazonaws.com`.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION, function_arn, role_name
from coldtrail_testbed.facts import Call, Caller, FunctionRun
from coldtrail_testbed.telemetry.cloudtrail_events import (
    denial,
    event_name,
    event_source,
    is_data_event,
    is_read,
    resources,
)
from coldtrail_testbed.telemetry.cloudtrail_identities import STATES, role_arn, user_identity

Record = dict[str, Any]

_VERSION = "1.11"
_INVOKERS = {
    "apigateway": "apigateway.amazonaws.com",
    "events": "events.amazonaws.com",
    "s3": "s3.amazonaws.com",
    "sns": "sns.amazonaws.com",
    "sqs": "lambda.amazonaws.com",
    "states": STATES,
}
_ASYNCHRONOUS = ("events", "s3", "sns")
_LAMBDA = Caller("service", "lambda.amazonaws.com", "lambda.amazonaws.com", "lambda.amazonaws.com")
_SESSION_S = 43_200


def cloudtrail_event_id(call: Call) -> str:
    """The `eventID` of the record of `call`, which labels point to."""
    return derived_id("event", call.service, call.operation, call.request_id)


def derived_id(*parts: str) -> str:
    """A version-4 UUID that follows from `parts`."""
    digest = sha256("\n".join(parts).encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))


def event_time(time: float) -> str:
    """The whole second of `time`, as CloudTrail writes it."""
    return datetime.fromtimestamp(int(time), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def call_record(call: Call, since: float) -> Record:
    """The record of a call; `since` is the time at which the caller's session was created."""
    identity = user_identity(call.caller, event_time(since))
    if call.service == "signin":
        return _sign_in_record(call, identity)
    host = (
        f"{call.service}.amazonaws.com" if call.service == "iam" else f"{call.service}.{REGION}.amazonaws.com"
    )
    by_service = call.caller.address.endswith(".amazonaws.com")
    named = resources(call)
    return {
        **_head(call, identity),
        **denial(call, identity.get("arn", call.caller.name)),
        "requestParameters": _parameters(call),
        "responseElements": dict(call.response) if call.response is not None else None,
        **_transfer(call),
        "requestID": call.request_id,
        "eventID": cloudtrail_event_id(call),
        "readOnly": is_read(call),
        **({"resources": named} if named else {}),
        **_tail(data=is_data_event(call)),
        **({} if by_service else {"tlsDetails": _tls(host)}),
        **({"sharedEventID": derived_id("shared", call.request_id)} if call.caller.kind == "foreign" else {}),
        **({"sessionCredentialFromConsole": "true"} if call.caller.console else {}),
    }


def _sign_in_record(call: Call, identity: Mapping[str, Any]) -> Record:
    """The record of a sign-in to the console, after "AWS Management Console sign-in events"."""
    unkeyed = {key: value for key, value in identity.items() if key != "accessKeyId"}
    user = call.caller.kind == "user"
    if user:
        unkeyed.pop("sessionContext", None)
    return {
        **_head(call, unkeyed),
        "requestParameters": None,
        "responseElements": call.response,
        "additionalEventData": {
            "LoginTo": "https://console.aws.amazon.com/console/home",
            "MobileVersion": "No",
            "MFAUsed": "Yes" if user and call.caller.mfa else "No",
        },
        "eventID": cloudtrail_event_id(call),
        "readOnly": False,
        **_tail(data=False),
        "eventType": "AwsConsoleSignIn",
        "tlsDetails": _tls("us-east-1.signin.aws.amazon.com"),
    }


def invocation_record(run: FunctionRun) -> Record:
    """The record of a service's invocation that a run answers: Invoke.

    An asynchronous one stands for the acceptance of the event; its runs have records of their own.
    """
    caller = _service(_INVOKERS[run.trigger])
    identity = user_identity(caller, event_time(run.start))
    call = Call(run.start, "lambda", "Invoke", caller, run.request_id, (function_arn(run.function),))
    return {
        **_head(call, identity),
        "requestParameters": _invocation_parameters(run),
        "responseElements": None,
        "additionalEventData": _version_data(run),
        "requestID": run.request_id,
        "eventID": cloudtrail_event_id(call),
        "readOnly": False,
        "resources": resources(call),
        **_tail(data=True),
    }


def execution_record(run: FunctionRun) -> Record:
    """The record of one attempt at an asynchronous invocation: InvokeExecution."""
    call = Call(run.start, "lambda", "InvokeExecution", _LAMBDA, run.request_id)
    arn = function_arn(run.function)
    return {
        **_head(call, user_identity(_LAMBDA, "")),
        "requestParameters": None,
        "responseElements": None,
        "additionalEventData": _version_data(run),
        "requestID": run.request_id,
        "eventID": derived_id("execution", run.flow_id),
        "readOnly": False,
        "resources": [{"accountId": ACCOUNT, "type": "AWS::Lambda::Function", "ARN": arn}],
        **_tail(data=True),
    }


def is_asynchronous(run: FunctionRun) -> bool:
    """Whether the run answers an event that Lambda accepted and queued."""
    return run.trigger in _ASYNCHRONOUS


def session_record(caller: Caller, time: float) -> Record:
    """The record of the role session that Lambda opens for an instance of a function: AssumeRole."""
    role = role_name(caller.name)
    request = derived_id("session", caller.access_key)
    call = Call(time, "sts", "AssumeRole", _LAMBDA, request, (role_arn(role),))
    expiration = datetime.fromtimestamp(int(time) + _SESSION_S, UTC).strftime("%b %d, %Y, %I:%M:%S %p")
    return {
        **_head(call, user_identity(_LAMBDA, "")),
        "requestParameters": {"roleArn": role_arn(role), "roleSessionName": caller.name},
        "responseElements": {"credentials": {"accessKeyId": caller.access_key, "expiration": expiration}},
        "requestID": request,
        "eventID": cloudtrail_event_id(call),
        "readOnly": True,
        "resources": resources(call),
        **_tail(data=False),
    }


def _service(principal: str) -> Caller:
    return Caller("service", principal, principal, principal)


def _head(call: Call, identity: Mapping[str, Any]) -> Record:
    return {
        "eventVersion": _VERSION,
        "userIdentity": identity,
        "eventTime": event_time(call.time),
        "eventSource": event_source(call),
        "eventName": event_name(call),
        "awsRegion": REGION,
        "sourceIPAddress": call.caller.address,
        "userAgent": call.caller.user_agent,
    }


def _tail(*, data: bool) -> Record:
    return {
        "eventType": "AwsApiCall",
        "managementEvent": not data,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data" if data else "Management",
    }


def _tls(host: str) -> dict[str, str]:
    return {
        "tlsVersion": "TLSv1.3",
        "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": host,
    }


def _transfer(call: Call) -> Record:
    """What S3 adds to its data events: the bytes of the request's body, in, and of the answer's, out."""
    if call.service != "s3" or not is_data_event(call):
        return {}
    data = {
        "SignatureVersion": "SigV4",
        "CipherSuite": "TLS_AES_128_GCM_SHA256",
        "bytesTransferredIn": call.sent_bytes,
        "AuthenticationMethod": "AuthHeader",
        "bytesTransferredOut": call.received_bytes,
    }
    return {"additionalEventData": data}


def _parameters(call: Call) -> Record | None:
    parameters: Record = dict(call.parameters)
    if call.service == "dynamodb" and "key" in parameters:
        parameters["key"] = json.loads(parameters["key"])
    if call.service == "s3" and "bucketName" in parameters:
        parameters["Host"] = f"{parameters['bucketName']}.s3.{REGION}.amazonaws.com"
    return parameters or None


def _invocation_parameters(run: FunctionRun) -> Record | None:
    if run.trigger == "states":
        return None
    kind = "Event" if is_asynchronous(run) else "RequestResponse"
    return {"functionName": function_arn(run.function), "invocationType": kind}


def _version_data(run: FunctionRun) -> Record:
    return {"functionVersion": f"{function_arn(run.function)}:{run.version}"}
