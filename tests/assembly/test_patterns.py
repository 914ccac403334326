"""Patterns match as Python's do, in steps that the text and the pattern bound."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coldtrail.assembly import patterns
from coldtrail.assembly.patterns import Pattern

ATOMS = st.sampled_from(
    ["a", "b", "-", ".", "[ab]", "[^a]", r"\w", r"\d", "[a-c-]", "é", r"\.", "^", "$", r"\b"]
)


def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeated = st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?", "??"]))
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map("|".join).map("({})".format),
        inner.map("({})".format),
        repeated.map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    )


PATTERNS = st.recursive(ATOMS, joined, max_leaves=6)


@given(PATTERNS, st.text("ab-c1é\n", max_size=7))
@example("(a|ab)(c|bcd)*", "abc")
@example("(?:a|)*b", "aab")
@example("(a*)*-", "aa-")
def test_what_python_matches_is_matched_and_nothing_else(pattern: str, text: str) -> None:
    expected = re.compile(pattern).fullmatch(text)
    found = Pattern(pattern).fullmatch(text)
    assert (found is None) == (expected is None)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(.+?)-(?:dev|prod)-.+", "shop-prod-pay-prod-x"),
        (r"(.+)-[A-Za-z0-9]+-[A-Za-z0-9]{12,13}", "my-stack-Order-ABCDEFGHIJKL"),
        (r"([a-z]+)_(?P<part>\w+?)(_v\d+)?", "shop_order_v2"),
        (r"(?i)SHOP-(.*)", "Shop-x"),
        (r"(?s)(.)b", "\nb"),
        (r"(a)|(b)", "b"),
        (r"((a)|b)*", "ab"),
        (r"(x*)(x+)(x{2,3}?)(x*)", "xxxxxxx"),
    ],
)
def test_groups_are_those_that_python_finds(pattern: str, text: str) -> None:
    expected, found = re.compile(pattern).fullmatch(text), Pattern(pattern).fullmatch(text)
    assert expected is not None
    assert found is not None
    for number in range(expected.re.groups + 1):
        assert found.group(number) == (expected.group(number) or "")
    template = "<\\1|\\g<0>>"
    assert found.expand(template) == expected.expand(template)


def test_names_of_groups_are_references_too() -> None:
    found = Pattern("(?P<app>[a-z]+)-(.*)").fullmatch("shop-x")
    assert found is not None
    assert found.expand(r"\g<app>/\2\\") == "shop/x\\"


HOSTILE = [
    "(a+)+-",
    "(a|a)*-",
    "(a|aa)+-",
    "(.*a){20}-",
    "(a*)*-",
    "((a?){9}){9}-",
    ".*.*.*.*.*.*.*.*-",
    "(a?){60}a{60}-",
]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_no_pattern_takes_more_steps_than_places_times_instructions(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0

    class Counted(set[int]):
        def add(self, key: int) -> None:
            nonlocal steps
            steps += 1
            super().add(key)

    monkeypatch.setattr(patterns, "set", Counted, raising=False)
    for number in (50, 100, 200):
        steps = 0
        compiled = Pattern(pattern)
        assert compiled.fullmatch("a" * number) is None
        assert 0 < steps <= (number + 1) * (len(compiled._program.instructions) + 1)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"(a)\1", "back references"),
        ("(?=a)a", "looking around"),
        ("(?<!a)b", "looking around"),
        ("(?>a)b", "atomic"),
        ("a++b", "possessive"),
        ("(", "unterminated"),
        ("a{5000}", "too large"),
        ("(((a{40}){40}){40}){40}", "too large"),
        ("a{1,99999999}", "too large"),
        ("(?a)a", "flags"),
        ("(?i:a)b", "flags"),
        ("(?m)^a", "flags"),
        ("a" * 1_001, "longer than"),
        ("(" * 450 + ")" * 450, "nested too deeply"),
    ],
)
def test_what_cannot_be_matched_safely_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Pattern(pattern)


@given(st.text("()[]{}*+?|.\\^$-ab1,<>P=!:i", max_size=20))
def test_any_pattern_is_taken_or_refused(pattern: str) -> None:
    try:
        compiled: Any = Pattern(pattern)
    except ValueError:
        return
    compiled.fullmatch("ab" * 20)


def test_references_to_groups_that_are_not_there_are_refused() -> None:
    pattern = Pattern("(?P<n>a)(b)")
    pattern.check(r"\1 \2 \g<n> \g<0> \n")
    for template in (r"\3", r"\g<m>", r"\g<7>"):
        with pytest.raises(ValueError, match="no group"):
            pattern.check(template)
