"""A cell of a CSV file: one cell, and no formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.alerts.showing.csv import in_csv
from coldtrail.alerts.showing.plain import plain


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_a_reader_finds_the_same_cells(texts: list[str]) -> None:
    ((*cells,),) = csv.reader(io.StringIO(",".join(map(in_csv, texts)) + "\r\n"), strict=True)
    assert [cell.removeprefix("'") for cell in cells] == [plain(text).removeprefix("'") for text in texts]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\t=", "\r=", "\n@", "＝", "＋", "－", "＠"])  # noqa: RUF001
def test_no_cell_is_a_formula(start: str) -> None:
    (cells,) = csv.reader([in_csv(f"{start}cmd|' /C calc'!A0")])
    assert cells[0][0] in "'\\"
