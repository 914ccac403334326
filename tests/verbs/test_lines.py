"""Lines put in order by the start of their flows."""

from __future__ import annotations

from tempfile import TemporaryFile

from coldtrail.verbs.lines import Lines


def test_lines_come_by_start_and_those_that_start_together_by_what_they_say() -> None:
    with TemporaryFile() as scratch:
        lines = Lines(scratch)
        for line, start in ((b"c", 2.0), (b"b", 1.0), (b"a", 1.0), (b"d", 0.5)):
            lines.add_line(line, start)
        assert list(lines.in_order()) == [b"d\n", b"a\n", b"b\n", b"c\n"]


def test_no_lines_are_no_lines() -> None:
    with TemporaryFile() as scratch:
        assert list(Lines(scratch).in_order()) == []
