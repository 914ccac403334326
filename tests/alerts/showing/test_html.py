"""Text in a page: what a browser's parser reads is the text itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.alerts.showing.html import LONGEST_TEXT, in_attribute, in_text
from coldtrail.alerts.showing.plain import plain
from coldtrail.reports import html as report

TEMPLATES = sorted((Path(report.__file__).parent / "templates").glob("*.j2"))


class Parsed(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@given(st.text())
def test_between_tags_it_is_text(text: str) -> None:
    parsed = Parsed(f"<b>{in_text(text)}</b>")
    assert parsed.tags == [("b", [])]
    assert "".join(parsed.words) == plain(text)


@pytest.mark.parametrize("quote", ['"', "'", ""])
@given(text=st.text(min_size=1))
def test_in_an_attribute_it_is_one_value_however_it_is_quoted(quote: str, text: str) -> None:
    parsed = Parsed(f"<b title={quote}{in_attribute(text)}{quote} lang=en>")
    assert parsed.tags == [("b", [("title", plain(text)), ("lang", "en")])]


def test_a_long_text_is_cut() -> None:
    assert len(in_text("x" * 100_000)) <= LONGEST_TEXT


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_expression_within_a_tag_passes_the_door_of_attributes(path: Path) -> None:
    text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for tag in re.findall(r"<[a-z](?:{{.*?}}|{%.*?%}|[^>])*>", text):
        for inside in re.findall(r"{{(.*?)}}", tag):
            assert inside.strip().endswith(("| attribute", "| percent", "| length")), (tag, inside)
