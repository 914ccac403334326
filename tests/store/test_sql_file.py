"""Files of SQL."""

from __future__ import annotations

import re

import pytest

from coldtrail.store.sql_file import parsed, sql_file

DIALECTS = {"sqlite": r"(?<!:):(\w+)", "postgresql": r"%\((\w+)\)[sb]"}
"""How each writes the name of a value."""


def test_queries_and_steps_are_told_apart() -> None:
    found = parsed(
        "-- A file; with words.\n\n-- up 1: tables\nCREATE TABLE a (b);\nCREATE TABLE c (\n  d -- e;f\n);\n"
        "-- down 1\nDROP TABLE a;\n-- up 2\nX;\n-- down 2\nY;\n"
        "-- query some\nSELECT ';'\nFROM a;\n-- query other\nSELECT 1"
    )
    assert found.queries == {"some": "SELECT ';'\nFROM a", "other": "SELECT 1"}
    assert found.up == {1: ("CREATE TABLE a (b)", "CREATE TABLE c (\n  d -- e;f\n)"), 2: ("X",)}
    assert found.down == {1: ("DROP TABLE a",), 2: ("Y",)}
    assert found.version == 2


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_step_up_has_one_down(dialect: str) -> None:
    found = sql_file(dialect)
    assert list(found.up) == list(found.down) == list(range(1, found.version + 1))


def test_dialects_have_the_same_queries_with_the_same_values() -> None:
    named = [
        {name: set(re.findall(value, query)) for name, query in sql_file(dialect).queries.items()}
        for dialect, value in DIALECTS.items()
    ]
    assert named[0] == named[1]
    assert named[0]["due"] == {"now", "channel", "limit"}
