"""Answers of `BatchGetTraces` cut into their traces, and what they say is missing.

https://docs.aws.amazon.com/xray/latest/api/API_BatchGetTraces.html
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

_TRACES_WITHIN = 512
"""An answer names its traces so early, bytes."""


class Answer(NamedTuple):
    """The traces of an answer, and what is missing from it: the kind of loss, and a sentence."""

    traces: list[bytes]
    missing: list[tuple[str, str]]


class _Answer(Struct):
    Traces: list[Raw] | None = None
    UnprocessedTraceIds: list[Raw] | None = None
    NextToken: Raw = Raw(b"null")


END_BYTES = 1 << 16
"""Of a long answer, so much of its end may say what is missing."""
_UNPROCESSED = re.compile(rb'(?<!\\)"UnprocessedTraceIds"\s*:\s*\[([^\[\]{}]*)\]')
_TOKEN = re.compile(rb'(?<!\\)"NextToken"\s*:\s*"[^"]')
_decode = msgspec.json.Decoder(_Answer).decode


def looks_like_answer(text: bytes) -> bool:
    """Whether an object may be an answer, at a quick look."""
    return text.find(b'"Traces"', 0, _TRACES_WITHIN) >= 0


def answer_of(text: bytes) -> Answer | None:
    """The answer that a JSON object is, None where it is none; raises what the decoder raises."""
    found = _decode(text)
    if found.Traces is None:
        return None
    has_more = bytes(found.NextToken) not in (b"null", b'""')
    missing = _missing(len(found.Traces), len(found.UnprocessedTraceIds or ()), has_more=has_more)
    return Answer([bytes(trace) for trace in found.Traces], missing)


def missing_at_end(end: bytes, given: int) -> list[tuple[str, str]]:
    """What the end of a long answer, of which so many traces were read, says is missing."""
    found = _UNPROCESSED.search(end)
    unprocessed = 0 if found is None else found[1].count(b'"') // 2
    return _missing(given, unprocessed, has_more=_TOKEN.search(end) is not None)


def _missing(given: int, unprocessed: int, *, has_more: bool) -> list[tuple[str, str]]:
    missing = []
    if unprocessed:
        missing.append(("traces not given", _unprocessed(given, unprocessed)))
    if has_more:
        reason = (
            "this is one page of an answer (NextToken): more traces follow; fetch the other pages as well."
        )
        missing.append(("more pages", reason))
    return missing


def _unprocessed(given: int, missing: int) -> str:
    asked = given + missing
    of = f"{asked:,} trace{'' if asked == 1 else 's'} asked for"
    none = "none" if not given else f"only {given:,}"
    named = f"{missing:,} trace id{'' if missing == 1 else 's'} unprocessed"
    return f"X-Ray returned {none} of the {of} ({named}: UnprocessedTraceIds); ask for the rest again."
