"""Blocks that were decoded without a type: what may enter, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.formats.xray.blocks import http_block, is_id, links_of, sql_block
from coldtrail.formats.xray.documents import NO_RAW

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize("value", [None, 7, "", "a\n", "x" * 257, ["a"]])
def test_what_can_be_no_id(value: Any) -> None:
    assert not is_id(value)


def test_only_listed_keys_enter() -> None:
    http = {
        "request": {"method": "GET", "url": "u", "client_ip": "i"},
        "response": {"status": 200, "body": "b"},
    }
    assert json.loads(bytes(http_block(http))) == {
        "request": {"method": "GET", "url": "u"},
        "response": {"status": 200},
    }
    sql = {"url": "u", "user": "app", "password": "p", "database_type": 7, "sanitized_query": "SELECT 1"}
    assert json.loads(bytes(sql_block(sql))) == {"url": "u", "sanitized_query": "SELECT 1"}


@given(JSON)
def test_any_value(value: Any) -> None:
    for block in (http_block(value), sql_block(value)):
        assert block is NO_RAW or isinstance(json.loads(bytes(block)), dict)
    links_of(value)
