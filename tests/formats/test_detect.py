import json

import pytest

from coldtrail.config import Settings
from coldtrail.errors import ConfigError, DocumentError
from coldtrail.formats.detect import parser_for
from coldtrail.records.telemetry import Document
from tests.fixtures.telemetry import TraceBuilder, payload_of
from tests.formats.test_native import LINE

TRACE = payload_of(TraceBuilder(1).trace("shop-prod-pay"))
NATIVE = json.dumps(LINE).encode()


@pytest.mark.parametrize("payloads", [(TRACE, NATIVE, TRACE, NATIVE), (NATIVE, TRACE, NATIVE, TRACE)])
def test_each_document_finds_its_format(payloads: tuple[bytes, ...]) -> None:
    parser = parser_for("auto", Settings())
    for payload in payloads:
        (fragment,) = parser(Document(payload, "test")).spans
        assert fragment.function_name == ("shop-prod-pay" if payload is TRACE else "ConfirmBooking")


def test_words_of_another_format_do_not_mislead() -> None:
    line = json.dumps({**LINE, "event_target_resource": "trace_id", "event_name": "Segments"}).encode()
    for first in (TRACE, NATIVE):
        parser = parser_for("auto", Settings())
        parser(Document(first, "test"))
        assert parser(Document(line, "test")).spans[0].function_name == "ConfirmBooking"


@pytest.mark.parametrize("payload", [b"", b"hello", b"{}", b"[]", b"\x00\xff", b'{"Records":[]}'])
def test_unknown_telemetry_is_told_plainly(payload: bytes) -> None:
    with pytest.raises(DocumentError, match=r"native,.* xray.*--format"):
        parser_for("auto", Settings())(Document(payload, "test"))


def test_a_damaged_document_is_told_in_the_words_of_its_format() -> None:
    parser = parser_for("auto", Settings())
    with pytest.raises(DocumentError, match="event_id"):
        parser(Document(NATIVE.replace(b'"e3"', b"3"), "test"))


def test_formats_by_name() -> None:
    assert parser_for("native", Settings())(Document(NATIVE, "test")).spans
    with pytest.raises(ConfigError, match=r"native,.* xray"):
        parser_for("nonsense", Settings())


@pytest.mark.parametrize(
    ("name", "payload", "by"),
    [("auto", b"{}", ""), ("auto", b'{"Segments": 7}', "xray"), ("native", b"{}", "native")],
)
def test_a_refusal_names_the_format_that_could_not_read_it(name: str, payload: bytes, by: str) -> None:
    parser = parser_for(name, Settings())
    for parse in (parser, parser.straight):
        with pytest.raises(DocumentError) as caught:
            parse(Document(payload, "a"))
        assert caught.value.format == by
