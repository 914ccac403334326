import json

from hypothesis import given
from hypothesis import strategies as st

from coldtrail.formats.json_depth import prune

VALUES = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=30,
)


def cut(value: object, depth: int) -> object:
    if isinstance(value, list):
        return [cut(part, depth - 1) for part in value] if depth else None
    if isinstance(value, dict):
        return {key: cut(part, depth - 1) for key, part in value.items()} if depth else None
    return value


@given(VALUES, st.integers(1, 4))
def test_what_is_too_deep_becomes_null(value: object, depth: int) -> None:
    assert json.loads(prune(json.dumps(value), depth)) == cut(value, depth)


def test_an_endless_nest_is_cut_short() -> None:
    assert len(prune("[" * 1_000_000, 10)) == 10
