"""A table of tails gives what each of its tails gives by itself."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.verdicts.tail_table import Key, TailTable
from coldtrail.verdicts.tails import Tail

scores = st.lists(st.sampled_from([0.0, 0.25, 1.0, 1.5, 2.0, 7.0]) | st.floats(0.0, 9.0), max_size=40)
keys = st.tuples(st.integers(1, 5), st.integers(0, 2), st.integers(0, 3))


def tail(values: list[float], kept: int) -> Tail:
    return Tail.of(np.array(values), np.arange(1.0, len(values) + 1), kept)


@given(st.dictionaries(keys, st.tuples(scores, st.integers(1, 40)), max_size=8), scores, st.data())
def test_a_table_gives_what_its_tails_give(
    some: dict[Key, tuple[list[float], int]], asked: list[float], data: st.DataObject
) -> None:
    tails = {key: tail(*one) for key, one in some.items()}
    table, score = TailTable.of(tails), np.array(asked)
    rows = [data.draw(keys) for _ in asked]
    function, _, condition = np.array(rows, np.int64).reshape(-1, 3).T
    for channel in range(4):
        found = table.find(function, condition, np.array([channel]))[:, 0]
        for place, (row, number) in enumerate(zip(rows, found.tolist(), strict=True)):
            known = tails.get((row[0], channel, row[2]))
            assert (number >= 0) == (known is not None)
            if known is not None:
                one = table.at(np.array([number]))
                assert one.number == known.number
                assert one.reached(score[place : place + 1]) == known.reached(score[place : place + 1])
        met = np.flatnonzero(found >= 0)
        together = table.at(found[met]).reached(score[met]).tolist()
        alone = [table.at(found[[at]]).reached(score[[at]])[0] for at in met.tolist()]
        assert together == alone


def test_an_empty_table_knows_nobody() -> None:
    table = TailTable.of({})
    found = table.find(np.array([1, 2]), np.array([0, 3]), np.array([0, 1]))
    assert found.tolist() == [[-1, -1], [-1, -1]]
    assert table.at(np.zeros(0, np.int64)).reached(np.zeros(0)).tolist() == []
