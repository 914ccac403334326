"""Records as rows, and pages of them."""

from __future__ import annotations

import msgspec
import pytest

from coldtrail.errors import StoreError
from coldtrail.store.database import Changes, Page
from coldtrail.store.rows import after, cut, decoded, is_storable, rows_of
from tests.store.kept import make_checkpoint


def test_what_is_gone_goes_first_and_the_checkpoint_comes_last() -> None:
    names = [name for name, _ in rows_of(Changes(checkpoint=make_checkpoint()))]
    assert names.index("drop_verdict") < names.index("put_verdict")
    assert names.index("drop_case") < names.index("put_case")
    assert names[-2:] == ["put_checkpoint", "drop_old_checkpoints"]


def test_a_page_says_where_the_next_begins() -> None:
    records = [(3.5, "c", "x"), (1 / 3, "b", "y"), (0.0, "a", "z")]
    shown, following = cut(records, Page(2))
    assert (shown, following) == (["x", "y"], "0.3333333333333333 b")
    assert after(Page(2, following)) == {"at": 1 / 3, "id": "b", "limit": 3}
    assert cut(records, Page(3)) == (["x", "y", "z"], "")
    assert cut(records, Page(0)) == ([], "")


def test_text_that_no_database_holds_is_known() -> None:
    assert [is_storable(text) for text in ("", "é", "a\x00", "\ud800")] == [True, True, False, False]


def test_a_line_of_something_else_is_told() -> None:
    with pytest.raises(StoreError, match="A row of the database cannot be read"):
        decoded(msgspec.json.Decoder(Page), b'{"limit": "x"}')
