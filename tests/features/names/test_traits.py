"""What names look like."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.features.names.traits import AMOUNTS, NAME_TRAITS, traits_of
from tests.fixtures.fed import LETTERS, WORDS, some

LENGTH, WORDS_AT, ENDING, BEGINNING, SEPARATORS, CHARACTERS = range(NAME_TRAITS)


@given(st.text(max_size=80))
def test_any_text_has_small_traits(name: str) -> None:
    found = traits_of(name)
    assert len(found) == NAME_TRAITS > AMOUNTS
    assert all(0 <= trait <= 0xFFFF for trait in found)


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        ("a.example.com", "b.example.org", ENDING),
        ("team-abc", "club-abc", BEGINNING),
        ("a-b", "a_b", SEPARATORS),
        ("abc", "abC", CHARACTERS),
        ("abc", "ab1", CHARACTERS),
        ("abc", "abcd", LENGTH),
    ],
)
def test_each_trait_tells_names_apart(one: str, other: str, differs: int) -> None:
    assert traits_of(one)[differs] != traits_of(other)[differs]


@pytest.mark.parametrize("seed", range(5))
def test_words_follow_other_rules_than_letters_drawn_at_random(seed: int) -> None:
    random = Random(seed)
    drawn = sorted(traits_of(some(random, LETTERS, 12, 12))[WORDS_AT] for _ in range(100))
    made = sorted(traits_of("".join(random.sample(WORDS, 2)))[WORDS_AT] for _ in range(100))
    assert drawn[80] < made[20]
