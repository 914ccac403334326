"""The answers of services: request ids, error codes, and refusals in the form of each protocol."""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from coldtrail_testbed.cloud.http_server import HttpResponse
from coldtrail_testbed.cloud.identifiers import Identifiers
from coldtrail_testbed.cloud.operations import Operation

INVOCATION_HEADER = "x-testbed-invocation"
"""The header in which the Lambda service tells the request id of an invocation; it never leaves the cloud."""

_REQUEST_ID_HEADERS = ("x-amzn-requestid", "x-amz-request-id")
_REPLACED = (*_REQUEST_ID_HEADERS, "content-length")
_HEAD_CODES = {403: "AccessDenied", 404: "NoSuchKey", 503: "SlowDown"}
# The XML namespace of each query API (its service model in botocore).
_NAMESPACES = {
    "sns": "http://sns.amazonaws.com/doc/2010-03-31/",
    "ses": "http://ses.amazonaws.com/doc/2010-12-01/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}


def outcome_of(operation: Operation, response: HttpResponse) -> tuple[str, str | None]:
    """The request id that an answer carries, and its error code when it is an error."""
    error = _error_code(response) if response.status >= 400 else None
    headers = {name.lower(): value for name, value in response.headers.items()}
    for name in _REQUEST_ID_HEADERS:
        if name in headers:
            return headers[name], error
    return (_element(response.body, "RequestId") or "") if operation.style == "query" else "", error


def json_answer(status: int, body: Mapping[str, Any], identifiers: Identifiers) -> HttpResponse:
    """An answer of a service that speaks JSON over REST."""
    headers = {"Content-Type": "application/json", "x-amzn-RequestId": identifiers.request()}
    return HttpResponse(status, json.dumps(body).encode(), headers)


def with_request_id(operation: Operation, response: HttpResponse, identifiers: Identifiers) -> HttpResponse:
    """`response` with a request id of the service's own form, in place of the one that moto made up."""
    headers = {name: value for name, value in response.headers.items() if name.lower() not in _REPLACED}
    # An invocation has one request id, for its caller and for the function.
    request_id = headers.pop(INVOCATION_HEADER, None) or _new_request_id(operation, identifiers)
    headers["x-amz-request-id" if operation.style == "rest-xml" else "x-amzn-RequestId"] = request_id
    told_in_body = operation.style == "query" or (operation.style == "rest-xml" and response.status >= 400)
    body = _tell(request_id, response.body) if told_in_body else response.body
    if body is response.body:
        headers |= _lengths(response)
    return HttpResponse(response.status, body, headers)


def error_answer(
    operation: Operation, status: int, code: str, message: str, identifiers: Identifiers
) -> HttpResponse:
    """An error as the operation's protocol writes it (AWS SDK protocol documents; API references)."""
    request_id = _new_request_id(operation, identifiers)
    if operation.style == "rest-xml":
        return _s3_error(operation, status, code, message, request_id)
    if operation.style == "query":
        return _query_error(operation.service, status, code, message, request_id)
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": request_id}
    if operation.style == "rest-json":
        headers |= {"Content-Type": "application/json", "x-amzn-ErrorType": code}
        return HttpResponse(status, json.dumps({"Message": message}).encode(), headers)
    if operation.service == "sqs":
        # SQS still tells the codes of its older query protocol beside those of the JSON protocol.
        headers["x-amzn-query-error"] = f"{code};Sender"
    body = {"__type": f"com.amazon.coral.service#{code}", "Message": message}
    return HttpResponse(status, json.dumps(body).encode(), headers)


def _new_request_id(operation: Operation, identifiers: Identifiers) -> str:
    if operation.style == "rest-xml":
        return identifiers.storage_request()
    return identifiers.table_request() if operation.service == "dynamodb" else identifiers.request()


def _s3_error(operation: Operation, status: int, code: str, message: str, request_id: str) -> HttpResponse:
    headers = {"Content-Type": "application/xml", "x-amz-request-id": request_id}
    if operation.name.startswith("Head"):
        return HttpResponse(status, b"", headers)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{escape(message)}</Message><RequestId>{request_id}</RequestId></Error>"
    )
    return HttpResponse(status, body.encode(), headers)


def _query_error(service: str, status: int, code: str, message: str, request_id: str) -> HttpResponse:
    namespace = _NAMESPACES.get(service, "")
    body = (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return HttpResponse(status, body.encode(), {"Content-Type": "text/xml", "x-amzn-RequestId": request_id})


def _error_code(response: HttpResponse) -> str:
    headers = {name.lower(): value for name, value in response.headers.items()}
    if "x-amzn-errortype" in headers:
        return headers["x-amzn-errortype"].partition(":")[0]
    if response.body.lstrip().startswith(b"<"):
        return _element(response.body, "Code") or str(response.status)
    try:
        kind = json.loads(response.body).get("__type", "")
    except (ValueError, AttributeError):
        kind = ""
    return kind.rpartition("#")[2] or _HEAD_CODES.get(response.status, str(response.status))


def _tell(request_id: str, body: bytes) -> bytes:
    return re.sub(rb"(?i)<RequestId>.*?</RequestId>", f"<RequestId>{request_id}</RequestId>".encode(), body)


def _lengths(response: HttpResponse) -> dict[str, str]:
    """The entry of a length that was told: that of an answer to HEAD is not its body's."""
    return {name: value for name, value in response.headers.items() if name.lower() == "content-length"}


def _element(body: bytes, name: str) -> str | None:
    match = re.search(rf"<{name}>(.*?)</{name}>".encode(), body)
    return match[1].decode() if match else None
