"""A parser that tells what became of each document."""

from __future__ import annotations

import pytest

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.detect import parser_for
from coldtrail.formats.watched import Watched
from coldtrail.records.telemetry import Document
from tests.fixtures.telemetry import payload_of, traces


def test_outcomes_are_told_and_nothing_else_changes() -> None:
    told: list[tuple[str, bool]] = []
    plain = parser_for("auto", Settings())
    watched = Watched(plain, lambda origin, accepted: told.append((origin, accepted)))
    good = Document(payload_of(next(traces(1))), "a", "line 1")
    assert watched(good) == plain(good)
    assert type(watched.straight(good)) is type(getattr(plain, "straight", plain)(good))
    with pytest.raises(DocumentError):
        watched(Document(b"{}", "b", "line 1"))
    with pytest.raises(DocumentError):
        watched.straight(Document(b"{}", "b", "line 2"))
    assert told == [("a", True), ("a", True), ("b", False), ("b", False)]
