"""Spans laid out byte for byte as others were: all but ids, times and dropped values is the same.

Most spans of an exporter are. Where each part of such a span lies follows from its length and that of its
name, so that one call takes it apart, and one look tells whether everything else is what was read before with
care. What is not is read with care, and its layout learned.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from coldtrail.formats.otel.memory import Alone
from coldtrail.formats.otlp.encoding import Field, Tokens, WireError, fields, is_unlisted

_MOST_LAYOUTS = 4_096
_MOST_ALIKE = 4
"""Layouts that are tried for one span."""
_MOST_SPAN_BYTES = 4_096
_TRIAL = 4_096
"""Spans after which it is looked at whether layouts help."""
_WORTH_IT = 0.25
"""Of the spans, that have to be laid out as others were; below it looking costs more than it saves."""
_PAUSE = 16 * _TRIAL
_ATTRIBUTE, _LINK = 9, 13
_IDS = {1: 16, 2: 8, 4: 8}
_TIMES = (7, 8)
_PARENT_TAG = 0x22

Parts = tuple[Any, ...]


class Layout(NamedTuple):
    """Where the parts of a span lie, by their number among the parts."""

    unpack: Callable[[bytes, int], Parts]
    same: Callable[[Parts], Parts]
    """All that spans of one meaning share."""
    trace_id: int
    span_id: int
    parent_id: int | None
    start: int
    end: int
    alone: tuple[tuple[str, int], ...]
    """Attributes that no other span shares, by name."""
    drawn: object
    """Equal in equal layouts."""


class Layouts:
    """Layouts that were met, by what a glance at a span shows."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._known: dict[int, list[Layout]] = {}
        self._number = self._found = 0
        self._left = _TRIAL
        self._looks = True

    def alike(self, data: bytes, at: int, end: int) -> Sequence[Layout]:
        """The layouts that a span may have."""
        self._left -= 1
        if self._left == 0:
            self._looks = not self._looks or self._found > _WORTH_IT * _TRIAL
            self._left = _TRIAL if self._looks else _PAUSE
            self._found = 0
        return self._known.get(_glance(data, at, end), ()) if self._looks else ()

    def note(self) -> None:
        """A span was laid out as another."""
        self._found += 1

    def learn(self, data: bytes, at: int, end: int) -> Layout | None:
        """The layout of a span that was read; None of one that has more than can be laid out."""
        if not self._looks or end - at > _MOST_SPAN_BYTES:
            return None
        layout = _layout(data, at, end, self._tokens)
        if layout is None:
            return None
        glance = _glance(data, at, end)
        alike = self._known.setdefault(glance, [])
        for known in alike:
            if known.drawn == layout.drawn:
                return known
        if len(alike) >= _MOST_ALIKE:
            return None
        if self._number >= _MOST_LAYOUTS:
            self._known = {glance: []}
            self._number = 0
        self._known[glance].append(layout)
        self._number += 1
        return layout


def _glance(data: bytes, at: int, end: int) -> int:
    """Tells most layouts apart: by the length of a span and, where it has a parent, that of its name."""
    has_parent = data[at + 28] == _PARENT_TAG
    return (end - at) << 16 | data[at + 29] << 8 | (data[at + 39] if has_parent else 0)


class _Drawing:
    """A layout while it is drawn."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.format = "<"
        self.number = 0
        self.same: list[int] = []
        self.places: dict[int, int] = {}
        self.alone: list[tuple[str, int]] = []

    def upto(self, place: int) -> None:
        """What is the same in all spans of the layout, up to this place."""
        if place > self.at:
            self.same.append(self.number)
            self._part(f"{place - self.at}s")
        self.at = place

    def part(self, code: str, size: int) -> int:
        """A part that differs; gives its number."""
        self.at += size
        self._part(code)
        return self.number - 1

    def skip(self, size: int) -> None:
        """What is dropped."""
        self.at += size
        self.format += f"{size}x"

    def _part(self, code: str) -> None:
        self.format += code
        self.number += 1


def _layout(data: bytes, at: int, end: int, tokens: Tokens) -> Layout | None:
    drawing = _Drawing(at)
    try:
        for field in fields(data, at, end):
            if not _draw(drawing, data, field, tokens):
                return None
    except WireError:
        return None
    drawing.upto(end)
    places = drawing.places
    if not {1, 2, 7, 8} <= places.keys() or len(drawing.same) < 2:
        return None
    return Layout(
        struct.Struct(drawing.format).unpack_from,
        itemgetter(*drawing.same),
        places[1],
        places[2],
        places.get(4),
        places[7],
        places[8],
        tuple(drawing.alone),
        (drawing.format, drawing.same, places, drawing.alone),
    )


def _draw(drawing: _Drawing, data: bytes, field: Field, tokens: Tokens) -> bool:
    """Add a field; False where spans with such a field are not laid out."""
    number, start, stop = field.number, field.start, field.stop
    size = stop - start
    if number in _IDS or number in _TIMES:
        if number in drawing.places or size != _IDS.get(number, 8):
            return False
        drawing.upto(start)
        drawing.places[number] = drawing.part(f"{size}s" if number in _IDS else "Q", size)
    elif number == _LINK:
        return False
    elif number == _ATTRIBUTE:
        _draw_attribute(drawing, data, field, tokens)
    elif number in (3, 11):
        drawing.upto(start)
        drawing.skip(size)
    return True


def _draw_attribute(drawing: _Drawing, data: bytes, field: Field, tokens: Tokens) -> None:
    token = tokens[data[field.start : field.stop]]
    parts = {part.number: part for part in fields(data, field.start, field.stop)}
    key, value = parts.get(1), parts.get(2)
    is_dropped = token is None and key is not None and is_unlisted(data[key.start : key.stop])
    if value is None or not (is_dropped or isinstance(token, Alone)):
        return
    drawing.upto(value.start)
    size = value.stop - value.start
    if token is None:
        drawing.skip(size)
    else:
        drawing.alone.append((token.name, drawing.part(f"{size}s", size)))
