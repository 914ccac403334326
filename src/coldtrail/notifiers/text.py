"""A message as lines of plain text."""

from __future__ import annotations

from collections.abc import Iterator

from coldtrail.records.delivery import Message


def text_of(message: Message) -> str:
    """The title, the lines, where it was and where to open it."""
    return "\n".join(_lines(message)) + "\n"


def _lines(message: Message) -> Iterator[str]:
    yield message.title
    yield ""
    yield from message.lines
    yield ""
    named = (
        ("Severity", message.severity),
        ("Function", message.function),
        ("Application", message.application),
        ("Account", message.account),
        ("Region", message.region),
        ("Alert", message.alert_id),
        ("Case", message.case_id or ""),
        ("Open", message.link),
    )
    yield from (f"{name}: {value}" for name, value in named if value.strip())
