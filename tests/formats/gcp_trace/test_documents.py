import msgspec

from coldtrail.formats.gcp_trace.documents import OldSpan, Span
from tests.formats.gcp_trace.test_parser import V2


def test_what_is_not_listed_does_not_enter() -> None:
    span = msgspec.convert(V2 | {"stackTrace": "secret", "timeEvents": "secret"}, Span)
    old = msgspec.convert({"spanId": 5, "annotations": "secret"}, OldSpan)
    assert "secret" not in repr((span, old))
