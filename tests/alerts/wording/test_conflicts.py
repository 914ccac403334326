"""Contradictions in words."""

from __future__ import annotations

import pytest

from coldtrail.alerts.wording.conflicts import conflict, told
from coldtrail.records.contradiction import Contradiction, Statement
from coldtrail.records.finding import Finding
from coldtrail.testing import START
from tests.findings import FUNCTION

STEP = Contradiction(
    "step",
    "e1",
    "PutObject",
    ("name", "outcome", "times"),
    (
        Statement(("PutObject", True, START, START + 0.5), "xray", "a.jsonl", "line 3"),
        Statement((None, False, None, START), "", "", ""),
    ),
    more=2,
    others=1,
)


def test_it_is_said_in_what_documents_disagree() -> None:
    assert conflict(Finding("contradiction", FUNCTION, seen=STEP)) == (
        "documents disagree on the name, whether it failed and when it was of step PutObject"
    )
    assert conflict(Finding("order", FUNCTION)) == ""


@pytest.mark.parametrize(
    ("of", "noun"), [("run", "the run"), ("link", "what started it: Order"), ("step", "step Order")]
)
def test_each_thing_has_its_noun(of: str, noun: str) -> None:
    one = Contradiction(of, "i", "Order", ("parent",), (Statement(("p",)),))  # type: ignore[arg-type]
    assert (
        conflict(Finding("contradiction", FUNCTION, seen=one))
        == f"documents disagree on where it belongs of {noun}"
    )


def test_each_document_is_named_with_what_it_says() -> None:
    assert told(STEP) == (
        "step PutObject (e1): name PutObject, failed, 2026-11-18 11:06:40.000000 to "
        "2026-11-18 11:06:40.500000 according to xray, a.jsonl, line 3; "
        "name none, did not fail, no time to 2026-11-18 11:06:40.000000 "
        "according to a document; and 2 more statements (1 further thing alike)"
    )
