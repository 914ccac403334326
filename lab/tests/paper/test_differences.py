"""The list of differences: whole sentences, and the sizes first where they are not the paper's."""

from __future__ import annotations

from coldtrail_paper.differences import differences
from coldtrail_paper.plan import plan


def test_every_difference_is_sentences() -> None:
    for sentence in differences(plan(), any_size=False):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert "{" not in sentence


def test_a_quick_run_says_so_first() -> None:
    first, *rest = differences(plan(quick=True), any_size=False)
    assert first.startswith("This was a quick run: 100 visits")
    assert tuple(rest) == differences(plan(), any_size=False)
    assert differences(plan(quick=True), any_size=True)[0].startswith("The runs were given")
