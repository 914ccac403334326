"""Scatter plots as small SVG: errors on a logarithmic scale, and the threshold as a line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.floating]

WIDTH, HEIGHT = 760, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 14, 14, 44
_GRID = 3
"""Pixels: dots that would cover one another are drawn once."""
_INK = "#6b7684"
BENIGN, ANOMALOUS, LIMIT = "#2b7da3", "#d2601a", "#c2183c"
_FONT = 'font-family="system-ui, sans-serif" font-size="12"'


@dataclass(frozen=True)
class Series:
    """Dots of one kind."""

    name: str
    colour: str
    at: Numbers
    """(dot,) places along the horizontal axis."""
    value: Numbers
    """(dot,) errors, above 0."""


@dataclass(frozen=True)
class Scatter:
    """A drawing: several kinds of dots under a threshold."""

    title: str
    """Read out in place of the drawing."""
    across: str
    """What the horizontal axis counts."""
    series: tuple[Series, ...]
    limits: tuple[tuple[str, float], ...]
    """Lines across, with their words."""


def svg(drawing: Scatter) -> str:
    """The drawing as an SVG element."""
    frame = _Frame(drawing)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(drawing.title)}">',
        f"<title>{escape(drawing.title)}</title>",
        *_axes(frame, drawing.across),
        *(_dots(frame, series) for series in drawing.series),
        *_limits(frame, drawing.limits),
        *_legend(drawing),
        "</svg>",
    ]
    return "".join(parts)


class _Frame:
    """Places on the drawing."""

    def __init__(self, drawing: Scatter) -> None:
        values = [series.value[series.value > 0] for series in drawing.series if len(series.value)]
        limits = [value for _, value in drawing.limits if 0 < value < math.inf]
        every = np.concatenate([*values, limits]) if values or limits else np.array([1.0])
        every = every if len(every) else np.array([1.0])
        self.low = math.log10(every.min()) - 0.05
        self.high = max(math.log10(every.max()) + 0.1, self.low + 0.5)
        self.most = max([1.0, *(float(series.at.max()) for series in drawing.series if len(series.at))])

    def x(self, at: Numbers) -> Numbers:
        return _LEFT + 4 + at / self.most * (WIDTH - _LEFT - _RIGHT - 8)

    def y(self, value: Numbers) -> Numbers:
        height = HEIGHT - _TOP - _BOTTOM
        share = (np.log10(np.maximum(value, 10.0**self.low)) - self.low) / (self.high - self.low)
        place: Numbers = _TOP + height * (1 - share)
        return place


def _axes(frame: _Frame, across: str) -> Iterator[str]:
    bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    for tick in _ticks(frame.low, frame.high):
        y = float(frame.y(np.array([tick]))[0])
        yield f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="{_INK}" stroke-opacity=".25"/>'
        yield _text(_LEFT - 8, y + 4, f"{tick:g}", "end")
    yield f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" fill="none" stroke="{_INK}"/>'
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = float(frame.x(np.array([frame.most * share]))[0])
        anchor = "start" if share == 0 else "end" if share == 1 else "middle"
        yield _text(x, bottom + 16, f"{round(frame.most * share):,}", anchor)
    yield _text(right, HEIGHT - 8, across, "end")


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers between powers of ten: all powers, or with halves and fifths where few powers fit."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    step = max(1, math.ceil((high - low) / 6))
    kinds = (1, 2, 5) if high - low < 2.5 else (1,)
    found = [kind * 10.0**power for power in powers if power % step == 0 for kind in kinds]
    return [tick for tick in found if low <= math.log10(tick) <= high]


def _dots(frame: _Frame, series: Series) -> str:
    """All dots of a kind as one path of round strokes without length."""
    cells = np.unique(
        np.stack(
            [np.round(frame.x(series.at) / _GRID), np.round(frame.y(series.value) / _GRID)], axis=1
        ).astype(np.int64),
        axis=0,
    )
    path = "".join(f"M{x * _GRID} {y * _GRID}h0" for x, y in cells.tolist())
    return (
        f'<path d="{path}" fill="none" stroke="{series.colour}" stroke-width="4" '
        'stroke-linecap="round" stroke-opacity=".75"/>'
    )


def _limits(frame: _Frame, limits: Sequence[tuple[str, float]]) -> Iterator[str]:
    for words, value in limits:
        y = float(frame.y(np.array([value]))[0])
        right = WIDTH - _RIGHT
        yield f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="{LIMIT}" stroke-width="2"/>'
        yield _text(right - 4, y - 5, words, "end", LIMIT)


def _legend(drawing: Scatter) -> Iterator[str]:
    x = _LEFT
    for series in drawing.series:
        words = f"{series.name} ({len(series.at):,})"
        yield f'<circle cx="{x + 5}" cy="{HEIGHT - 12}" r="4" fill="{series.colour}"/>'
        yield _text(x + 14, HEIGHT - 8, words, "start")
        x += 30 + 7 * len(words)


def _text(x: float, y: float, words: str, anchor: str, colour: str = _INK) -> str:
    """Words that dots behind them do not blur."""
    halo = 'style="paint-order:stroke;stroke:var(--card,#fff);stroke-width:4px"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" {_FONT} {halo}>'
        f"{escape(words)}</text>"
    )
