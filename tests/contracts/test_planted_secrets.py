"""A secret in any one field of a document shows in nothing that a format gives, but for names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from coldtrail.errors import DocumentError
from coldtrail.records.telemetry import Document
from tests.contracts.test_formats import made
from tests.fixtures.witnesses import BALANCED, DOCUMENTS, FLOW, FLOW_HEADER, SECRET
from tests.formats.access_log.test_parser import COMMON
from tests.formats.cloudwatch_metrics.test_parser import STREAMED

NAMES: dict[str, set[str]] = {
    "cloudtrail": {
        *("eventID", "eventName", "eventSource", "awsRegion", "recipientAccountId", "requestID"),
        *("bucketName", "x-amz-id-2", "vpcEndpointId", "credentialsIssuedToVersion"),
        # Of the identity and its role; of the caller's account and kind.
        *("userIdentity.type", "userIdentity.accountId", "sessionIssuer.arn"),
        # A session's name shows where the caller says that it is a function.
        "userIdentity.arn",
    },
    "lambda-report": {"requestId", "spanId"},
    "lambda-insights": {"function_name", "request_id"},
    "cloudwatch-metrics": {"account", "region", "application_name", "function_name"},
    "access-log": {"requestId", "integration.requestId", "resourcePath", "apiId", "stage", "accountId"},
    "resolver-log": {"account_id", "region", "vpc_id", "query_name", "resolver_network_interface"},
    "appinsights": {
        *("Id", "ParentId", "OperationId", "AppRoleName", "AppVersion", "InvocationId", "FullName"),
        *("OperationName", "Name", "Target"),
    },
    "gcp-trace": {
        *("projectId", "traceId", "name"),
        *("g.co/r/cloud_run_revision/service_name", "g.co/r/cloud_run_revision/revision_name"),
        "g.co/r/cloud_run_revision/location",
    },
}
"""Fields whose values are shown: ids, names of resources, places."""
STREAM_NAMES = {"account_id", "region", "FunctionName"}
JSON = [
    *((name, DOCUMENTS[name], shown) for name, shown in NAMES.items()),
    ("cloudwatch-metrics", STREAMED, STREAM_NAMES),
]
Path = tuple[str | int, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all values that hold no others."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if isinstance(inner, dict | list):
            yield from leaves(inner, (*path, key))
        else:
            yield (*path, key)


def planted(document: Any, path: Path, value: object) -> Any:
    """The document with the value at the path."""
    changed = deepcopy(document)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


def said(name: str, payload: bytes) -> str:
    """All that a format says of a document, or why it refuses it."""
    try:
        return repr(made(name)(Document(payload, "test")))
    except DocumentError as error:
        return str(error)


@pytest.mark.parametrize(("name", "document", "shown"), JSON, ids=[name for name, *_ in JSON])
def test_a_secret_in_any_field_of_json(name: str, document: Any, shown: set[str]) -> None:
    told = set()
    for path in leaves(document):
        names = {str(path[-1]), ".".join(map(str, path[-2:]))}
        for value in (SECRET, f"https://x.example/{SECRET}?{SECRET}={SECRET}", [SECRET], {SECRET: SECRET}):
            if SECRET in said(name, json.dumps(planted(document, path, value)).encode()):
                told |= {str(path[-1])} if names.isdisjoint(shown) else set()
    assert told == set()


def test_a_secret_under_any_unknown_key() -> None:
    for name, document, _ in JSON:
        for path in {path[:-1] for path in leaves(document)}:
            if _is_object(document, path):
                secret = planted(document, (*path, "unlisted"), SECRET)
                assert SECRET not in said(name, json.dumps(secret).encode())


def _is_object(document: Any, path: Path) -> bool:
    for key in path:
        document = document[key]
    return isinstance(document, dict)


FLOW_FIELDS = FLOW_HEADER.split()
FLOW_NAMES = {
    len(FLOW_FIELDS) + 1 + FLOW_FIELDS.index(name)
    for name in (b"account-id", b"interface-id", b"vpc-id", b"region", b"pkt-dst-aws-service")
}


@pytest.mark.parametrize(
    ("name", "line", "shown"),
    [
        ("access-log", BALANCED, {2}),
        ("access-log", COMMON.encode(), {6, 10}),
        ("vpc-flow", FLOW.replace(b"\n", b" \n "), FLOW_NAMES),
    ],
)
def test_a_secret_in_any_word_of_a_line(name: str, line: bytes, shown: set[int]) -> None:
    words = line.split(b" ")
    for at, word in enumerate(words):
        if name == "vpc-flow" and words.index(b"\n") >= at:
            continue
        hidden = SECRET.encode() if not word.startswith(b'"') else b'"' + SECRET.encode() + b'"'
        payload = b" ".join([*words[:at], hidden, *words[at + 1 :]]).replace(b" \n ", b"\n")
        if SECRET in said(name, payload):
            assert at in shown, (at, word)
