"""Grammars: what is walked is what the pattern matches, and nothing else is."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.worlds.drawing import Drawing
from benchmarks.worlds.grammars import (
    Call,
    Either,
    Kind,
    Leave,
    Loop,
    Maybe,
    Pattern,
    Row,
    Together,
    kinds_in,
    walk,
    word,
)
from benchmarks.worlds.latencies import Latency
from benchmarks.worlds.names import Name


def kind(letter: str, failing: float = 0.0) -> Kind:
    return Kind(letter, "S3", "GetObject", Name(letter), Latency(0.01, 0.1), failing)


A, B, C, D = (kind(letter) for letter in "abcd")
GRAMMAR = Row(
    (
        Call(A),
        Maybe(Call(B), 0.5),
        Leave(0.3),
        Loop(Either((Call(C), Call(D)), (1.0, 1.0)), 1, 3),
        Together((A, B)),
    )
)


def test_a_pattern_matches_what_a_grammar_can_give() -> None:
    pattern = Pattern(GRAMMAR)
    for told in ("a", "ab", "acab", "abdcdba", "acccba"):
        assert pattern.matches(told), told


def test_a_pattern_matches_nothing_else() -> None:
    pattern = Pattern(GRAMMAR)
    for told in ("", "b", "ba", "abb", "accccab", "aca", "acaba", "aab"):
        assert not pattern.matches(told), told


def test_a_call_that_fails_and_is_made_again_is_one_letter() -> None:
    steps = walk(Call(kind("a", failing=1.0)), Random(1))
    assert [step.fails for step in steps] == [True, False]
    assert word(steps) == "a"


@given(st.integers(0, 999))
def test_every_run_of_a_drawn_grammar_is_matched(seed: int) -> None:
    grammar = Drawing(seed).grammar()
    pattern, random = Pattern(grammar), Random(seed)
    letters = {one.letter for one in kinds_in(grammar)}
    for _ in range(20):
        told = word(walk(grammar, random))
        assert pattern.matches(told)
        assert set(told) <= letters
