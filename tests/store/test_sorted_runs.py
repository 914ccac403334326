"""Pieces come in order, whether they fit in memory or not."""

from __future__ import annotations

import errno
from io import BytesIO
from tempfile import TemporaryFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.store import sorted_runs
from coldtrail.store.sorted_runs import SortedRuns

pieces = st.lists(
    st.tuples(st.floats(allow_nan=False) | st.sampled_from([0.0, 1.0]), st.binary(max_size=9)), max_size=120
)


@given(pieces, st.integers(0, 60), st.integers(2, 5), st.integers(1, 4))
def test_pieces_come_by_key_and_then_by_themselves(
    some: list[tuple[float, bytes]], most_bytes: int, most_runs: int, block: int
) -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryFile() as file:
        patch.setattr(sorted_runs, "MOST_RUNS", most_runs)
        patch.setattr(sorted_runs, "_BLOCK", block)
        runs = SortedRuns(file, most_bytes)
        for key, piece in some[: len(some) // 2]:
            runs.add(key, piece)
        runs.add_all(some[len(some) // 2 :])
        assert list(runs.in_order()) == [piece for _, piece in sorted(some)]
        assert list(runs.in_order()) == [piece for _, piece in sorted(some)], "a second time as well"
        assert runs.taken() == sorted(some)
        assert list(runs.in_order()) == []
        runs.add(2.0, b"later")
        assert list(runs.in_order()) == [b"later"]


def test_what_is_held_does_not_grow_with_the_number_of_pieces() -> None:
    with TemporaryFile() as file:
        runs = SortedRuns(file, most_bytes=1000)
        most = 0
        for number in range(20_000):
            runs.add(float(number * 7919 % 20_000), b"%010d" % number)
            most = max(most, len(runs._held) + len(runs._runs))
        assert most <= 1000 // 10 + 1 + sorted_runs.MOST_RUNS
        assert [int(piece) * 7919 % 20_000 for piece in runs.in_order()] == list(range(20_000))


def test_pieces_that_came_in_order_are_read_one_after_another() -> None:
    with pytest.MonkeyPatch.context() as patch, TemporaryFile() as file:
        patch.setattr(sorted_runs.heapq, "merge", None)
        runs = SortedRuns(file, most_bytes=50)
        for number in range(600):
            runs.add(float(number), b"%04d" % number)
        assert list(map(int, runs.in_order())) == list(range(600))


class Full(BytesIO):
    """A file on a disk that is full."""

    def write(self, *_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told_as_it_is() -> None:
    runs = SortedRuns(Full(), most_bytes=3)
    runs.add(1.0, b"abc")
    with pytest.raises(OSError, match="No space left"):
        runs.add(1.0, b"d")
