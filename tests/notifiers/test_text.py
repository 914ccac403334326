from __future__ import annotations

from coldtrail.notifiers.text import text_of
from tests.notifiers.messages import a_message


def test_a_message_is_title_lines_and_where_it_was() -> None:
    text = text_of(a_message(case_id=None, region=" "))
    assert text.startswith(f"{a_message().title}\n\nSeen at ")
    assert "\nFunction: Confirm\n" in text
    assert "Case" not in text
    assert "Region" not in text
    assert text.endswith(f"Open: {a_message().link}\n")
