"""Near names: what is pointed out as a look-alike, what is not, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.features.names.near import LONGEST, Names, distance, resemblance

KNOWN = ("booking-archive", "airline-payment-audit", "vod-source", "shard-1", "tmp")
CYRILLIC_O = "\u043e"


def nearest(name: str, known: Iterable[str]) -> str | None:
    return Names(known).nearest(name)


@pytest.mark.parametrize(
    ("name", "near", "told"),
    [
        ("booking-archlve", "booking-archive", "one letter from booking-archive"),
        ("booking-archives", "booking-archive", "one letter from booking-archive"),
        ("booking-archvie", "booking-archive", "booking-archive with two letters swapped"),
        ("b00king-archive", "booking-archive", "two characters from booking-archive"),
        ("b00k1ng-arch1ve", "booking-archive", "written to look like booking-archive"),
        ("Booking-Archive", "booking-archive", "booking-archive in other capitals"),
        ("booking_archive", "booking-archive", "one character from booking-archive"),
        ("bo" + CYRILLIC_O + "king-archive", "booking-archive", "one letter from booking-archive"),
        ("airline-payrnent-audit", "airline-payment-audit", "two letters from airline-payment-audit"),
        ("vod-sourse", "vod-source", "one letter from vod-source"),
        ("shard-l", "shard-1", "one character from shard-1"),
    ],
)
def test_a_look_alike_is_told_beside_what_it_looks_like(name: str, near: str, told: str) -> None:
    assert nearest(name, KNOWN) == near
    assert resemblance(name, near) == told


@pytest.mark.parametrize(
    "name",
    ["booking-archive", "booking-public", "shard-2", "shard-12", "tmq", "", "x" * 500, "entirely-else"],
)
def test_siblings_strangers_and_short_names_are_no_look_alikes(name: str) -> None:
    assert nearest(name, KNOWN) is None


def test_the_nearest_is_named_then_the_first_by_spelling() -> None:
    assert nearest("booking-archivex", ["booking-archive-x", "booking-archive"]) == "booking-archive"
    assert nearest("booking-archive", ["booking-archivf", "booking-archiva"]) == "booking-archiva"


def test_names_without_end_are_not_compared() -> None:
    assert nearest("a" * LONGEST, ["a" * (LONGEST + 1)]) is None


words = st.text("abcde01-", max_size=12)


@given(words, words)
def test_distance_is_a_distance(one: str, other: str) -> None:
    away = distance(one, other)
    assert away == distance(other, one)
    assert (away == 0) == (one == other)
    assert abs(len(one) - len(other)) <= away <= max(len(one), len(other))


@given(st.text("abcdefgh-", min_size=5, max_size=30), st.data())
def test_one_changed_letter_is_always_pointed_out(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(name) - 1))
    changed = name[:place] + "z" + name[place + 1 :]
    assert nearest(changed, [name]) == name


@given(st.text(), st.text())
def test_any_two_names_can_be_told_apart(name: str, other: str) -> None:
    assert nearest(name, [other]) in (None, other)
    assert other in resemblance(name[:50], other[:50]) or len(other) > 50


alike = st.text("abB0o-1l", min_size=4, max_size=9)


@given(alike, st.lists(alike | alike.map(str.upper), max_size=12))
def test_one_of_many_names_is_found_as_if_each_were_compared(name: str, known: list[str]) -> None:
    found = [one for one in known if nearest(name, [one])]
    best = nearest(name, known)
    assert (best is None) == (not found)
    if best is not None:
        others = [one for one in known if one != best]
        assert nearest(name, [best]) == best
        assert all(nearest(name, [best, one]) == best for one in others)
