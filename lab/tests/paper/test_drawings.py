"""Scatter plots: well-formed, small however many the dots, and true to where they lie."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np

from coldtrail_paper.drawings import HEIGHT, WIDTH, Scatter, Series, svg


def drawing(*series: Series, limit: float = 0.02) -> str:
    return svg(Scatter("Errors <of> all", "window", series, ((f"threshold {limit}", limit),)))


def dots(text: str) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in re.findall(r"M(-?\d+) (-?\d+)h0", text)]


def test_a_drawing_is_xml_that_names_what_it_shows() -> None:
    text = drawing(Series("benign", "#000000", np.arange(3.0), np.array([0.1, 0.01, 0.001])))
    root = ElementTree.fromstring(text)
    assert root.get("aria-label") == "Errors <of> all"
    assert "benign (3)" in text
    assert "threshold 0.02" in text


def test_larger_errors_lie_higher_and_all_lie_inside() -> None:
    values = np.array([1e-6, 1e-3, 1.0, 1e4])
    found = dots(drawing(Series("one", "#000000", np.arange(4.0), values)))
    assert len(found) == 4
    assert [y for _, y in sorted(found)] == sorted((y for _, y in found), reverse=True)
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in found)


def test_many_dots_make_a_small_file() -> None:
    random = np.random.default_rng(1)
    text = drawing(Series("many", "#000000", np.arange(2e5), random.lognormal(-5, 1, 200_000)))
    assert "many (200,000)" in text
    assert len(text) < 200_000


def test_nothing_to_draw_and_errors_of_zero_are_no_error() -> None:
    ElementTree.fromstring(drawing(Series("none", "#000000", np.zeros(0), np.zeros(0))))
    ElementTree.fromstring(drawing(Series("flat", "#000000", np.arange(2.0), np.zeros(2)), limit=0.0))
