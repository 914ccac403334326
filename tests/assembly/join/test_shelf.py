"""Things by number, in memory or in a store."""

from __future__ import annotations

from random import Random

import pytest

from coldtrail.assembly.join.shelf import Shelf
from coldtrail.store.scratch import scratch


@pytest.mark.parametrize("most", [1, 100, 1_000, 10_000])
def test_what_was_kept_is_there_until_it_is_dropped(most: int) -> None:
    with scratch() as store:
        shelf = Shelf[str](store, str.encode, bytes.decode, most)
        random, kept = Random(most), dict[int, str]()
        for number in range(3_000):
            assert shelf.add(f"thing {number}") == number
            kept[number] = f"thing {number}"
            if random.random() < 0.3:
                gone = random.choice(list(kept)[-200:])
                shelf.drop(gone)
                del kept[gone]
            assert len(shelf._near) <= most + 64
        numbers = list(kept)
        random.shuffle(numbers)
        assert {number: shelf[number] for number in numbers} == kept


def test_without_a_store_all_are_in_memory() -> None:
    shelf = Shelf[str](None, str.encode, bytes.decode, 2)
    for number in range(500):
        shelf.add(str(number))
    assert [shelf[number] for number in range(500)] == [str(number) for number in range(500)]


def test_what_is_restored_keeps_its_number_and_others_get_new_ones() -> None:
    with scratch() as store:
        shelf = Shelf[str](store, str.encode, bytes.decode, 100)
        shelf.restore({7: "seven", 70: "seventy"})
        new = [shelf.add(str(number)) for number in range(500)]
        assert (shelf[7], shelf[70]) == ("seven", "seventy")
        assert [shelf[number] for number in new] == [str(number) for number in range(500)]
