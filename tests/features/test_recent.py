"""Tables keep what is used, and are bounded."""

from __future__ import annotations

from coldtrail.features.recent import count, keep, keep_all, mark


def test_what_was_used_longest_ago_is_dropped() -> None:
    table = {"a": 1, "b": 2}
    keep(table, "a", 3, 2)
    keep(table, "c", 4, 2)
    assert table == {"a": 3, "c": 4}


def test_many_at_once_are_kept_as_one_after_another() -> None:
    for most in (2, 3, 9):
        table, other = {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2, "c": 3}
        keep_all(table, {"b": 4, "d": 5}, most)
        keep(other, "b", 4, most)
        keep(other, "d", 5, most)
        assert list(table.items()) == list(other.items())


def test_the_rarest_gives_way() -> None:
    table: dict[str, int] = {}
    assert [count(table, one, 2) for one in "aabac"] == [True, False, True, False, True]
    assert table == {"a": 3, "c": 1}


def test_a_number_stands_for_texts_in_their_order() -> None:
    assert mark("a", "b") == mark("a", "b")
    assert len({mark("a", "b"), mark("b", "a"), mark("ab"), mark("a"), mark("")}) == 5
    assert 0 <= mark("a") < 2**56
