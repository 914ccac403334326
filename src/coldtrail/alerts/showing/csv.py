"""A text in a cell of a CSV file, which people open in spreadsheets.

Sources: RFC 4180, section 2; OWASP, CSV Injection.
"""

from __future__ import annotations

from coldtrail.alerts.showing.plain import plain

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 (full-width forms begin formulas too)


def in_csv(text: str) -> str:
    """The text as one quoted cell; what a spreadsheet would take for a formula begins with an apostrophe."""
    told = plain(text)
    if told.lstrip().startswith(_FORMULA):
        told = f"'{told}"
    return '"' + told.replace('"', '""') + '"'
