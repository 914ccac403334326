"""A name in Markdown is a code span and nothing else."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from coldtrail.alerts.showing.markdown import in_markdown
from coldtrail.alerts.showing.plain import short

SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")


@given(st.text(alphabet=st.sampled_from("`|\\ a<>[]()!*_\n\u202e")))
def test_it_is_one_code_span_that_no_table_cuts(text: str) -> None:
    shown = in_markdown(text)
    found = SPAN.fullmatch(shown)
    assert found is not None, shown
    inside = found[2]
    if inside.strip() and inside[0] == inside[-1] == " ":
        inside = inside[1:-1]
    assert inside.strip() == short(text).replace("|", "\\x7c").strip()
    assert "|" not in shown
    assert "\n" not in shown


def test_names_are_left_as_they_are() -> None:
    assert in_markdown("orders") == "`orders`"
    assert in_markdown("a`b") == "``a`b``"
    assert in_markdown("[x](javascript:alert(1))<b>") == "`[x](javascript:alert(1))<b>`"
    assert in_markdown("") == "`   `"
