"""What a request to the AWS endpoint means: service, operation, and the resources that it names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl

from coldtrail_testbed.cloud.http_server import HttpRequest
from coldtrail_testbed.cloud.resources import Members, named_parameters, named_resources
from coldtrail_testbed.cloud.rest_models import RestRequest, rest_operation

Style = Literal["json", "query", "rest-json", "rest-xml"]

_BODIES_WITH_NAMES = ("mediaconvert", "mediapackage-vod", "ses")


@dataclass(frozen=True)
class Operation:
    """One call of an AWS API: the service's signing name, the API's name of the operation.

    `resources` are ARNs, the one that permissions are about first; `parameters` hold names and keys only,
    named as CloudTrail names them, never values. `style` is the protocol, which decides the form of errors.
    """

    service: str
    name: str
    style: Style
    access_key: str = ""
    resources: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)


def called_operation(request: HttpRequest) -> Operation:
    """The operation that `request` means; an unsigned one has neither service nor access key."""
    path, _, query_text = request.target.partition("?")
    query = dict(parse_qsl(query_text, keep_blank_values=True)) if query_text else {}
    access_key, service = _signature(request.headers, query)
    style, name, members = _meaning(service, path, query, request)
    return Operation(
        service,
        name,
        style,
        access_key,
        named_resources(service, name, members),
        named_parameters(service, members),
    )


def _signature(headers: Mapping[str, str], query: Mapping[str, str]) -> tuple[str, str]:
    """Access key and service of a signature (version 4; also in the query, where version 2 may stand)."""
    credential = headers.get("authorization", "").partition("Credential=")[2].partition(",")[0]
    scope = (credential or query.get("X-Amz-Credential", "")).split("/")
    if len(scope) > 3:
        return scope[0], scope[3]
    return (query["AWSAccessKeyId"], "s3") if "AWSAccessKeyId" in query else ("", "")


def _meaning(
    service: str, path: str, query: Mapping[str, str], request: HttpRequest
) -> tuple[Style, str, Members]:
    target = request.headers.get("x-amz-target")
    if target:
        return "json", target.rsplit(".", 1)[-1], _decoded(request.body)
    if request.method == "POST" and b"Action=" in request.body[:4096] and service not in ("s3", "lambda"):
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        if "Action" in form:
            return "query", form.pop("Action"), form
    if service == "s3":
        path = _path_with_bucket(path, request.headers.get("host", ""))
    rest = RestRequest(request.method, path, query, request.headers)
    name, members = rest_operation(service, rest)
    if service == "s3":
        return "rest-xml", name, {**query, **members, **_copy_source(request.headers)}
    named = service in _BODIES_WITH_NAMES or (service, name) == ("lambda", "CreateFunction")
    body = _decoded(request.body) if named else {}
    return "rest-json", name, {**body, **members}


def _decoded(body: bytes) -> Members:
    try:
        members: Any = json.loads(body or b"{}")
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def _path_with_bucket(path: str, host: str) -> str:
    """The path-style path of an S3 request, also of one whose host names the bucket."""
    bucket, mark, _ = host.partition(".s3.")
    whole = f"/{bucket}{path}" if mark else path
    return whole[:-1] if whole.count("/") == 2 and whole.endswith("/") else whole


def _copy_source(headers: Mapping[str, str]) -> dict[str, str]:
    source = headers.get("x-amz-copy-source")
    return {"CopySource": source} if source else {}
