"""Tables keep what is used, and are bounded."""

from __future__ import annotations

from coldtrail.detectors.credentials.recent import count, keep


def test_what_was_used_longest_ago_is_dropped() -> None:
    table = {"a": 1, "b": 2}
    keep(table, "a", 3, 2)
    keep(table, "c", 4, 2)
    assert table == {"a": 3, "c": 4}


def test_the_rarest_gives_way() -> None:
    table: dict[str, int] = {}
    assert [count(table, one, 2) for one in "aabac"] == [True, False, True, False, True]
    assert table == {"a": 3, "c": 1}
