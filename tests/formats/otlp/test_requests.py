import json
from typing import Any

import pytest

from coldtrail.config import LimitSettings
from coldtrail.errors import DocumentError
from coldtrail.formats.otel.memory import Memory
from coldtrail.formats.otel.spans import Told
from coldtrail.formats.otlp import requests
from coldtrail.formats.otlp.requests import JsonReader, JsonTokens
from tests.fixtures.otel import as_json, some_spans

GOOD = as_json(some_spans({}))
SPANS = GOOD["resourceSpans"][0]["scopeSpans"][0]["spans"]

OLD = [{"spans": SPANS}]


def read(document: Any) -> tuple[list[Told], list[str]]:
    problems: list[str] = []
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return JsonReader(Memory(LimitSettings())).spans(data, problems), problems


def with_span(**changed: Any) -> Any:
    spans = [{**SPANS[0], **changed}, *SPANS[1:]]
    return {"resourceSpans": [{**GOOD["resourceSpans"][0], "scopeSpans": [{"spans": spans}]}]}


@pytest.mark.parametrize(
    "document",
    [
        GOOD,
        GOOD["resourceSpans"],
        GOOD["resourceSpans"][0],
        {"resourceSpans": [
            {"resource": GOOD["resourceSpans"][0]["resource"], "instrumentationLibrarySpans": OLD}
        ]},
        with_span(kind="SPAN_KIND_CLIENT"),
        with_span(startTimeUnixNano=int(SPANS[0]["startTimeUnixNano"])),
        with_span(traceId=SPANS[0]["traceId"].upper()),
        with_span(traceId="X4THoQEjRWeJq83vASNFZw==", spanId="AAAAAAAAAAI=", parentSpanId="AAAAAAAAAAE="),
        with_span(status={"code": "STATUS_CODE_OK"}, unknown=[1], links=None, flags=None),
    ],
)  # fmt: skip
def test_every_spelling_is_the_same_request(document: Any) -> None:
    found, problems = read(document)
    assert problems == []
    assert found == read(GOOD)[0]


@pytest.mark.parametrize(
    ("changed", "kept", "said"),
    [
        ({"traceId": 5}, 2, "A span was left out: its trace id or its span id is none."),
        ({"spanId": "xyz"}, 2, "A span was left out: its trace id or its span id is none."),
        (
            {"startTimeUnixNano": None},
            2,
            "Span 0000000000000002 was left out: it does not say when it started.",
        ),
        ({"attributes": "x"}, 3, None),
        ({"attributes": [5, *SPANS[0]["attributes"]]}, 3, None),
        ({"links": 5}, 3, "The links of a span was left out: it is of the wrong type."),
        ({"name": 5}, 3, "The name of a span was left out: it is of the wrong type."),
        ({"status": 5}, 3, "The status of a span was left out: it is of the wrong type."),
    ],
)
def test_a_wrong_part_costs_itself_alone(changed: dict[str, Any], kept: int, said: str | None) -> None:
    found, problems = read(with_span(**changed))
    assert len(found) == kept
    assert problems == ([] if said is None else [said])


def test_a_span_that_is_no_object_is_named() -> None:
    document = with_span()
    document["resourceSpans"][0]["scopeSpans"][0]["spans"].append(5)
    found, problems = read(document)
    assert (len(found), problems) == (3, ["A span was left out: it is no JSON object."])


def test_bytes_that_are_no_text_are_replaced_and_named() -> None:
    for name, replaced in ((b"DynamoDB.GetItem", 1), (b"shop-prod-pay", 1)):
        found, problems = read(json.dumps(GOOD).encode().replace(name, b"shop-\xff"))
        assert len(found) == 3
        assert sum("is no UTF-8" in problem for problem in problems) == replaced
    assert {span.meaning.owner.name for span in found} == {"shop-\ufffd"}


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[", b"5", b"{}", b'{"resourceSpans":', b"[" * 200_000, b'{"resourceSpans":[5]}']
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        read(data)


def test_depth_is_cut() -> None:
    deep: Any = {"stringValue": "x"}
    for _ in range(30_000):
        deep = [deep]
    text = json.dumps(with_span(attributes=["MARK"])).replace('"MARK"', "[" * 30_000 + "]" * 30_000)
    found, _ = read(text.encode())
    assert len(found) == 3


def test_what_was_read_is_remembered_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "_MOST_REMEMBERED", 2)
    tokens = JsonTokens()
    for name in ("a", "b", "c"):
        token = tokens[b'{"key":"faas.name","value":{"stringValue":"%s"}}' % name.encode()]
        assert token is not None
        assert token.value == name
    assert len(tokens) == 1
    assert tokens[b'{"key":"faas.name","value":{"kvlistValue":{}}}'] is None
    assert tokens[b"5"] is None
    several = tokens[
        b'{"key":"aws.dynamodb.table_names","value":{"arrayValue":{"values":[{"stringValue":"a"},{"intValue":1}]}}}'
    ]
    assert several is not None
    assert several.value == "a"
