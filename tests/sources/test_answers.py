"""Answers of the cloud say what is missing from them, and so do we."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coldtrail.config import LimitSettings
from coldtrail.records.tally import Tally
from coldtrail.sources.answers import answer_of, missing_at_end
from coldtrail.sources.files import FileSource

TRACE = {"Id": "1-65540000-aaaaaaaaaaaaaaaaaaaaaaaa", "Segments": [{"Document": "{}"}]}
IDS = ["1-65540001-bbbbbbbbbbbbbbbbbbbbbbbb", "1-65540001-cccccccccccccccccccccccc"]


@pytest.mark.parametrize(
    ("answer", "kinds", "words"),
    [
        ({"Traces": [TRACE]}, [], []),
        ({"Traces": [TRACE], "UnprocessedTraceIds": [], "NextToken": None}, [], []),
        ({"Traces": [TRACE], "NextToken": ""}, [], []),
        ({"Traces": [TRACE], "NextToken": "abc"}, ["more pages"], ["NextToken"]),
        (
            {"Traces": [TRACE], "UnprocessedTraceIds": IDS[:1]},
            ["traces not given"],
            ["only 1 of the 2 traces asked for", "1 trace id unprocessed"],
        ),
        (
            {"Traces": [], "UnprocessedTraceIds": IDS[:1]},
            ["traces not given"],
            ["none of the 1 trace asked for", "unprocessed"],
        ),
        (
            {"Traces": [], "UnprocessedTraceIds": IDS, "NextToken": "abc"},
            ["traces not given", "more pages"],
            ["none of the 2 traces asked for", "2 trace ids unprocessed"],
        ),
    ],
)
@pytest.mark.parametrize(
    "saved", [json.dumps, lambda one: json.dumps([one, {"x": 1}]), lambda one: json.dumps(one) + "\n{}\n"]
)
def test_what_an_answer_lacks_is_a_loss(
    answer: dict[str, Any],
    kinds: list[str],
    words: list[str],
    saved: Callable[[Any], str],
    tmp_path: Path,
) -> None:
    path = tmp_path / "answer.json"
    path.write_text(saved(answer), encoding="utf-8")
    tally = Tally()
    documents = [one for one, _ in FileSource([path], limits=LimitSettings(), tally=tally).read()]
    assert sum(json.loads(one.payload) == TRACE for one in documents) == len(answer["Traces"])
    assert sorted(tally.losses) == sorted(kinds)
    said = " ".join(tally.sentences())
    assert all(word in said for word in words)


def test_an_answer_too_long_to_be_held_says_so_too(tmp_path: Path) -> None:
    lacks = {"UnprocessedTraceIds": IDS, "NextToken": "abc"}
    traces = {"Traces": [{**TRACE, "Duration": number} for number in range(50)]}
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({**traces, **lacks}), encoding="utf-8")
    tally = Tally()
    limits = LimitSettings(max_document_bytes=500)
    documents = [one for one, _ in FileSource([path], limits=limits, tally=tally).read()]
    assert len(documents) == 50
    assert sorted(tally.losses) == ["more pages", "traces not given"]
    assert "only 50 of the 52 traces" in " ".join(tally.sentences())


def test_words_inside_a_trace_say_nothing() -> None:
    inside = json.dumps({"Document": json.dumps({"UnprocessedTraceIds": IDS, "NextToken": "abc"})})
    assert missing_at_end(inside.encode(), 1) == []
    answer = answer_of(json.dumps({"Traces": [json.loads(inside)]}).encode())
    assert answer is not None
    assert answer.missing == []


def test_what_is_no_answer_is_none() -> None:
    assert answer_of(b'{"Id": "x"}') is None
