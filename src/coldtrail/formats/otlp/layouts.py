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

from coldtrail.formats.otel.memory import Alone, Token
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
_DROPPED = (3, 11)
"""State of the trace, and what happened within a span."""
_MOST_REMEMBERED = 50_000
_MOST_REMEMBERED_BYTES = 512
_PARENT_TAG = 0x22

Parts = tuple[Any, ...]
_Signature = tuple[object, ...]


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


class Layouts:
    """Layouts that were met, by what a glance at a span shows."""

    def __init__(self, tokens: Tokens) -> None:
        self._draws = _Draws(tokens)
        self._known: dict[int, list[Layout]] = {}
        self._by_signature: dict[_Signature, Layout] = {}
        self._found = 0
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
        try:
            signature = self._signature(data, at, end)
        except WireError:
            return None
        layout = self._by_signature.get(signature)
        if layout is not None or not signature:
            return layout
        layout = _layout(data, at, end, self._draws)
        glance = _glance(data, at, end)
        if layout is None or len(self._known.get(glance, ())) >= _MOST_ALIKE:
            return None
        if len(self._by_signature) >= _MOST_LAYOUTS:
            self._known, self._by_signature = {}, {}
        self._known.setdefault(glance, []).append(layout)
        self._by_signature[signature] = layout
        return layout

    def _signature(self, data: bytes, at: int, end: int) -> _Signature:
        """Where each part of a span lies, and what is dropped: the same in spans of one layout.

        Empty of a span that is not laid out.
        """
        found: list[object] = []
        draws = self._draws
        for number, start, stop, _ in fields(data, at, end):
            if number == _LINK:
                return ()
            found += number, start - at, stop - at
            if number == _ATTRIBUTE:
                found.append(draws[data[start:stop]])
        return tuple(found)


class _Draw(NamedTuple):
    """What an attribute is in a layout."""

    name: str = ""
    """Of an attribute that no other span shares."""
    start: int = 0
    """Where in the attribute the value lies that is dropped or kept apart; 0 where nothing is."""
    stop: int = 0


class _Draws(dict[bytes, _Draw]):
    """What attributes are in layouts, by their bytes."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens

    def __missing__(self, pair: bytes) -> _Draw:
        token = self._tokens[pair]
        draw = _draw_of(pair, token)
        if len(pair) <= _MOST_REMEMBERED_BYTES and not isinstance(token, Alone):
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[pair] = draw
        return draw


def _draw_of(pair: bytes, token: Token | None) -> _Draw:
    if token is not None and not isinstance(token, Alone):
        return _STATIC
    try:
        parts = {part.number: part for part in fields(pair, 0, len(pair))}
    except WireError:
        return _STATIC
    key, value = parts.get(1), parts.get(2)
    if value is None or key is None:
        return _STATIC
    if token is None and not is_unlisted(pair[key.start : key.stop]):
        return _STATIC
    return _Draw("" if token is None else token.name, value.start, value.stop)


_STATIC = _Draw()


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


def _layout(data: bytes, at: int, end: int, draws: _Draws) -> Layout | None:
    drawing = _Drawing(at)
    for field in fields(data, at, end):
        if not _draw(drawing, data, field, draws):
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
    )


def _draw(drawing: _Drawing, data: bytes, field: Field, draws: _Draws) -> bool:
    """Add a field; False where spans with such a field are not laid out."""
    number, start, stop, _ = field
    size = stop - start
    if number in _IDS or number in _TIMES:
        if number in drawing.places or size != _IDS.get(number, 8):
            return False
        drawing.upto(start)
        drawing.places[number] = drawing.part(f"{size}s" if number in _IDS else "Q", size)
    elif number in _DROPPED:
        drawing.upto(start)
        drawing.skip(size)
    elif number == _ATTRIBUTE and (draw := draws[data[start:stop]]).start:
        drawing.upto(start + draw.start)
        size = draw.stop - draw.start
        if draw.name:
            drawing.alone.append((draw.name, drawing.part(f"{size}s", size)))
        else:
            drawing.skip(size)
    return True
