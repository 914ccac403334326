"""Documents that come again are told apart from those that are new."""

from __future__ import annotations

from collections import Counter

import pytest

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.detect import parser_for
from coldtrail.records.telemetry import Document, LogPlace
from coldtrail.verbs.repeats import Repeats
from tests.fixtures.telemetry import TraceBuilder, payload_of

ONE, OTHER = (payload_of(TraceBuilder(seed).trace("shop-prod-pay")) for seed in (1, 2))


@pytest.mark.parametrize("way", ["records", "straight"])
def test_the_same_bytes_are_a_repeat_wherever_they_stand(way: str) -> None:
    counts: Counter[str] = Counter()
    repeats = Repeats(parser_for("auto", Settings(), counts), counts)
    for number, payload in enumerate((ONE, OTHER, ONE, ONE)):
        (repeats if way == "records" else repeats.straight)(Document(payload, f"file {number}"))
    assert counts == {"format xray": 2, "repeated xray": 2}


def test_one_line_in_two_logs_is_told_twice() -> None:
    counts: Counter[str] = Counter()
    repeats = Repeats(parser_for("auto", Settings(), counts), counts)
    line = b"INIT_START Runtime Version: python:3.13.v1"
    for group in ("/aws/lambda/pay", "/aws/lambda/ship", "/aws/lambda/pay"):
        repeats(Document(line, "a", "", LogPlace(group)))
    assert counts == {"format lambda-report": 2, "repeated lambda-report": 1}


def test_what_is_refused_again_is_refused_again() -> None:
    counts: Counter[str] = Counter()
    repeats = Repeats(parser_for("auto", Settings(), counts), counts)
    for _ in range(2):
        with pytest.raises(DocumentError):
            repeats(Document(b"{}", "a"))
    assert not +counts
