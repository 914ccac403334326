"""Lines put in order by the start of their flows."""

from __future__ import annotations

from io import BytesIO
from tempfile import TemporaryFile

from coldtrail.verbs.lines import Lines


def test_lines_come_by_start_and_those_that_start_together_by_what_they_say() -> None:
    with TemporaryFile() as scratch:
        lines = Lines(scratch)
        for line, start in ((b"c", 2.0), (b"b", 1.0), (b"a", 1.0), (b"d", 0.5)):
            lines.add_line(line, start)
        assert list(lines.in_order()) == [b"d\n", b"a\n", b"b\n", b"c\n"]


def test_several_lines_at_once_are_as_one_after_another() -> None:
    with TemporaryFile() as scratch:
        lines = Lines(scratch)
        lines.add_line(b"c", 2.0)
        lines.add_lines(b"b\n\na\n", [1.0, 3.0, 1.0])
        lines.add_lines(b"", [])
        assert list(lines.in_order()) == [b"a\n", b"b\n", b"c\n", b"\n"]


def test_no_lines_are_no_lines() -> None:
    with TemporaryFile() as scratch:
        assert list(Lines(scratch).in_order()) == []


def test_lines_made_elsewhere_stand_among_the_others() -> None:
    made = Lines(BytesIO())
    made.add_line(b"b", 1.0)
    made.add_line(b"d", 3.0)
    with TemporaryFile() as scratch:
        lines = Lines(scratch)
        lines.add_line(b"c", 2.0)
        lines.extend(made.taken())
        made.add_line(b"a", 0.5)
        lines.extend(made.taken())
        assert list(lines.in_order()) == [b"a\n", b"b\n", b"c\n", b"d\n"]
