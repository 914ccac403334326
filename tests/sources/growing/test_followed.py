"""Where files go on, and whether they are what they were."""

from __future__ import annotations

from pathlib import Path

from coldtrail.sources.growing.cutting import Growth
from coldtrail.sources.growing.followed import GONE_S, Followed, Position, forget, is_same, marks


def test_a_file_is_the_same_by_its_first_and_last_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"a" * 300 + b"b" * 300)
    with path.open("rb") as file:
        head, tail = marks(file, 500)
        followed = Followed("a", Growth.LINES, 500, head=head, tail=tail)
        assert is_same(file, followed)
    path.write_bytes(b"a" * 300 + b"c" * 400)
    with path.open("rb") as file:
        assert not is_same(file, followed)
    path.write_bytes(b"a" * 300)
    with path.open("rb") as file:
        assert not is_same(file, followed)


def test_what_is_long_gone_is_forgotten() -> None:
    gone = Followed("a", Growth.LINES, 5, gone=1_000.0)
    assert forget(Position({"1": gone}), {}, 1_001.0).files == {"1": gone}
    assert forget(Position({"1": gone}), {}, 1_001.0 + GONE_S).files == {}
