"""Own times from columns: to the last bit those that the timeline of records has."""

from __future__ import annotations

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.assembly.span_tree import Timeline, arrange
from coldtrail.features.times import Ways, own_times, own_times_of
from coldtrail.testing import START, make_event


def timeline(random: Random, start: float, end: float) -> tuple[Timeline, list[int], list[int]]:
    """A run of nested steps, some side by side, some longer than what is above them; with places of parents
    and of siblings before."""
    events, parents = [], list[int]()
    now, ties = start - random.choice((0.0, 0.2)), random.random() < 0.5
    for place in range(random.choice((0, 1, 3, 12))):
        above = random.choice((-1, *_open(parents, place)))
        parents.append(above)
        # A step may start with the one that it is a part of.
        now += (
            0.0 if ties and 0 <= above == place - 1 and random.random() < 0.5 else random.uniform(1e-6, 0.2)
        )
        more = {} if above < 0 else {"event_parent_id": str(above)}
        events.append(
            make_event(event_id=str(place), start_time=now, end_time=now + random.expovariate(5.0), **more)
        )
    before = [max([i for i in range(at) if parents[i] == one], default=-1) for at, one in enumerate(parents)]
    return arrange(events, start, end), parents, before


def _open(parents: list[int], place: int) -> list[int]:
    """The last step and all above it: where a next one may hang, if the order is depth first."""
    above, at = [], place - 1
    while at >= 0:
        above.append(at)
        at = parents[at]
    return above


@given(seed=st.integers(0, 10**6), number=st.integers(1, 40))
def test_own_times_are_those_of_the_timeline(seed: int, number: int) -> None:
    random = Random(seed)
    # Of the first seconds of 1970 differences are not exact, and sums in another order have other last bits.
    first = random.choice((START, 0.3))
    lines = [timeline(random, first + i, first + i + random.uniform(0, 2)) for i in range(number)]
    sizes = [len(line.events) for line, *_ in lines]
    offsets = np.cumsum([0, *sizes])
    rows = [
        [first + one if one >= 0 else -1 for one in column]
        for first, (_, *columns) in zip(offsets.tolist(), lines, strict=False)
        for column in columns
    ]
    ways = Ways(
        offsets,
        np.array([one for column in rows[0::2] for one in column], np.int64),
        np.array([one for column in rows[1::2] for one in column], np.int64),
        np.array([event.start_time for line, *_ in lines for event in line.events]),
        np.array([event.end_time for line, *_ in lines for event in line.events]),
    )
    found = own_times(
        ways, np.array([one.start_time for one, *_ in lines]), np.array([one.end_time for one, *_ in lines])
    )
    assert found.self_times.tolist() == [one for line, *_ in lines for one in line.self_times]
    assert found.own_times.tolist() == [line.own_time for line, *_ in lines]
    for line, parents, _ in lines:
        times = [event.start_time for event in line.events], [event.end_time for event in line.events]
        alone = own_times_of(parents, *times, line.start_time, line.end_time)
        assert alone == (list(line.self_times), line.own_time)


def test_what_runs_side_by_side_counts_once() -> None:
    own, rest = own_times_of([-1, 0, 0], [0.0, 1.0, 2.0], [10.0, 4.0, 5.0], 0.0, 12.0)
    assert own == [6.0, 3.0, 3.0]
    assert rest == 2.0
