from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.formats.appinsights.rows import rows_of
from tests.fixtures.witnesses import DEPENDENCY_ROW, REQUEST_ROW


def test_which_table_a_row_is_of() -> None:
    rows = list(rows_of({"records": [REQUEST_ROW, DEPENDENCY_ROW]}, []))
    assert [row.is_dependency for row in rows] == [False, True]
    unnamed = {key: value for key, value in DEPENDENCY_ROW.items() if key != "Type"}
    assert [row.is_dependency for row in rows_of(unnamed, [])] == [True]


def test_only_listed_properties_enter() -> None:
    (row,) = rows_of(REQUEST_ROW | {"Properties": {"FullName": "Functions.Pay", "Secret": "x"}}, [])
    assert row.properties == {"FullName": "Functions.Pay"}


@pytest.mark.parametrize("properties", ["{", "[" * 100_000, 5, ["x"], '"x"'])
def test_odd_properties_are_none(properties: object) -> None:
    (row,) = rows_of(REQUEST_ROW | {"Properties": properties}, [])
    assert row.properties == {}


@pytest.mark.parametrize("columns", [5, "Id", None, {"name": "Id"}, [None, 7, {}]])
def test_a_table_without_usable_columns_has_no_rows(columns: object) -> None:
    table = {"name": "AppRequests", "columns": columns, "rows": [["a", "b"]]}
    assert list(rows_of({"tables": [table]}, [])) == []


def test_of_a_columns_names_the_newest_counts_where_it_says_anything() -> None:
    for _ in range(2):
        (row,) = rows_of(REQUEST_ROW | {"name": "old"}, [])
        assert row["name"] == REQUEST_ROW["Name"]
        (row,) = rows_of(REQUEST_ROW | {"name": "old", "Name": ""}, [])
        assert row["name"] == "old"


def test_nested_wrappers_end() -> None:
    value: Any = REQUEST_ROW
    for _ in range(9):
        value = {"records": [value]}
    assert list(rows_of(value, [])) == []


ANY: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["records", "tables", "columns", "rows", "name", "OperationId", "DurationMs", "Properties"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(ANY)
def test_any_value(value: Any) -> None:
    list(rows_of(value, []))
