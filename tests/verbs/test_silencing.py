"""Silences have matchers that can be written, and always an end."""

from __future__ import annotations

import pytest

from coldtrail.errors import ConfigError
from coldtrail.records.silence import Matcher
from coldtrail.verbs.silencing import DAY_S, add_silence, end_of, expire_silence, matcher_of, remarks
from tests.alerts.live_alerts import START
from tests.service.memory import MemoryDatabase

SAID = {"by": "ann", "comment": "ours", "reason": "benign", "now": START}


@pytest.mark.parametrize(
    ("text", "matcher"),
    [
        ("function=Order", Matcher("function", "=", "Order")),
        ("function = Order ", Matcher("function", "=", "Order")),
        ("function=Order,Pay", Matcher("function", "in", "Order,Pay")),
        ("kind~new_*", Matcher("kind", "glob", "new_*")),
        ("severity!=low", Matcher("severity", "!=", "low")),
        ("principal=a=b", Matcher("principal", "=", "a=b")),
    ],
)
def test_a_matcher_is_written_in_a_few_characters(text: str, matcher: Matcher) -> None:
    assert matcher_of(text) == matcher


@pytest.mark.parametrize("text", ["", "function", "function=", "colour=red", "=x", f"function={'x' * 501}"])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is no matcher"):
        matcher_of(text)


@pytest.mark.parametrize(
    ("text", "after_s"),
    [("90m", 5_400), ("12h", 43_200), ("7d", 7 * DAY_S), ("2 w", 14 * DAY_S), ("2026-11-18T15:06:40", 0)],
)
def test_an_end_is_a_while_or_a_moment(text: str, after_s: float) -> None:
    start = START if after_s else 0.0
    assert end_of(text, start) == (start + after_s if after_s else 1_795_014_400.0)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"until": "91d"}, "within 90 days"),
        ({"until": "0m"}, "lies ahead"),
        ({"until": "1990-01-01"}, "lies ahead"),
        ({"until": "soon"}, "is no end"),
        ({"matchers": []}, "needs a matcher"),
        ({"comment": " "}, "--comment"),
        ({"reason": "bored"}, "no reason 'bored'"),
    ],
)
def test_a_silence_without_an_end_or_a_reason_is_refused(changed: dict[str, object], said: str) -> None:
    given = {"matchers": ["function=Order"], "until": "7d", **SAID, **changed}
    with pytest.raises(ConfigError, match=said):
        add_silence(MemoryDatabase(), **given)  # type: ignore[arg-type]


def test_a_silence_is_kept_with_who_made_it_and_is_ended_but_never_deleted() -> None:
    database = MemoryDatabase()
    silence = add_silence(database, ["function=Order"], until="7d", **SAID)  # type: ignore[arg-type]
    assert database.silences(at=START + 60) == [silence]
    ended = expire_silence(database, silence.id[:8], by="bob", now=START + 90)
    assert (ended.ends_at, database.silences(at=START + 91)) == (START + 90, [])
    assert [(one.by, one.what) for one in database.log] == [("ann", "silence"), ("bob", "expire")]
    with pytest.raises(ConfigError, match="has ended already"):
        expire_silence(database, silence.id, by="bob", now=START + 95)
    with pytest.raises(ConfigError, match="There is no silence"):
        expire_silence(database, "cs-none", by="bob", now=START)


def test_silences_that_end_soon_or_keep_nothing_back_are_named() -> None:
    database = MemoryDatabase()
    silence = add_silence(database, ["function=Order"], until="80d", **SAID)  # type: ignore[arg-type]
    told = [remarks([silence], START + day * DAY_S) for day in (1, 31, 78, 81)]
    assert told[0] == told[3] == []
    assert told[1] == [f"{silence.id} has kept nothing back for 30 days; expire it."]
    assert told[2][0] == f"{silence.id} ends within 2 days."
