import re

import pytest

from coldtrail_testbed.cloud.answers import INVOCATION_HEADER, error_answer, outcome_of, with_request_id
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpResponse
from coldtrail_testbed.cloud.operations import Operation, Style

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DYNAMODB = Operation("dynamodb", "GetItem", "json")
_S3 = Operation("s3", "GetObject", "rest-xml")
_SNS = Operation("sns", "Publish", "query")


def test_an_invocation_has_one_request_id(foundation: Foundation) -> None:
    told = HttpResponse(200, b"{}", {INVOCATION_HEADER: "one", "x-amzn-RequestId": "made up"})
    answer = with_request_id(Operation("lambda", "Invoke", "rest-json"), told, foundation.identifiers)
    assert (answer.headers["x-amzn-RequestId"], answer.body) == ("one", b"{}")
    assert INVOCATION_HEADER not in answer.headers


@pytest.mark.parametrize(
    ("operation", "pattern"),
    [
        (_DYNAMODB, r"[0-9A-V]{26}VV4KQNSO5AEMVJF66Q9ASUAAJG"),
        (_S3, r"[0-9A-Z]{16}"),
        (Operation("ssm", "GetParameter", "json"), _UUID),
        (Operation("lambda", "Invoke", "rest-json"), _UUID),
        (_SNS, _UUID),
    ],
)
def test_request_ids_look_like_the_services_own(
    foundation: Foundation, operation: Operation, pattern: str
) -> None:
    made_up = HttpResponse(200, b"<RequestId>example</RequestId>", {"X-Amzn-RequestId": "example"})
    answer = with_request_id(operation, made_up, foundation.identifiers)
    request_id, error = outcome_of(operation, answer)
    assert re.fullmatch(pattern, request_id)
    assert error is None
    assert "example" not in answer.headers.values()
    told = f"<RequestId>{request_id}</RequestId>".encode()
    assert answer.body == (told if operation is _SNS else made_up.body)


def test_lengths_are_those_of_the_bodies(foundation: Foundation) -> None:
    head = HttpResponse(200, b"", {"Content-Length": "4711"})
    assert with_request_id(_S3, head, foundation.identifiers).headers["Content-Length"] == "4711"
    longer = HttpResponse(200, b"<RequestId>x</RequestId>", {"content-length": "24"})
    assert "content-length" not in with_request_id(_SNS, longer, foundation.identifiers).headers


@pytest.mark.parametrize(
    ("response", "code"),
    [
        (
            HttpResponse(400, b'{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}'),
            "ResourceNotFoundException",
        ),
        (
            HttpResponse(404, b"", {"x-amzn-ErrorType": "ResourceNotFoundException:http://x"}),
            "ResourceNotFoundException",
        ),
        (HttpResponse(404, b"<Error><Code>NoSuchKey</Code></Error>"), "NoSuchKey"),
        (HttpResponse(404, b""), "NoSuchKey"),
        (HttpResponse(500, b"[1]"), "500"),
    ],
)
def test_error_codes_are_read_from_every_form(response: HttpResponse, code: str) -> None:
    assert outcome_of(_DYNAMODB, response)[1] == code


@pytest.mark.parametrize("style", ["json", "query", "rest-json", "rest-xml"])
def test_errors_tell_code_and_request_id(foundation: Foundation, style: Style) -> None:
    operation = Operation("sns", "Get", style)
    answer = error_answer(operation, 400, "Wrong", 'a < "b"', foundation.identifiers)
    request_id, code = outcome_of(operation, answer)
    assert request_id
    assert (answer.status, code) == (400, "Wrong")
