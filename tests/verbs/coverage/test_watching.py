"""A parser that lets somebody see all that it reads."""

from __future__ import annotations

from coldtrail.records.telemetry import Document, Observations
from coldtrail.verbs.coverage.watching import Watching


def test_each_document_is_shown_once_with_what_it_says() -> None:
    said, seen = Observations(), []
    parser = Watching(lambda document: said, lambda document, told: seen.append((document.payload, told)))
    assert parser(Document(b"a", "a.log")) is said
    assert parser.straight(Document(b"b", "a.log")) is said
    assert seen == [(b"a", said), (b"b", said)]
