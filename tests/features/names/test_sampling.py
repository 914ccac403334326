from random import Random

from hypothesis import given
from hypothesis import strategies as st

from coldtrail.features.names.sampling import KEPT, Sample


def sample_of(names: list[str]) -> Sample:
    sample = Sample()
    for number, name in enumerate(names):
        sample.add(name, 1, float(number))
    return sample


@given(st.lists(st.text(max_size=5)))
def test_few_names_are_counted_exactly(names: list[str]) -> None:
    sample = sample_of(names)
    assert sample.runs == {name: names.count(name) for name in names}
    assert sample.distinct == len(set(names))
    assert sample.first == {name: names.index(name) for name in names}
    assert set(sample.rare) | set(sample.usual) == set(names)


def test_many_names_leave_the_same_sample_in_any_order() -> None:
    names = [f"name-{number}" for number in range(5_000)] * 2
    once = sample_of(names)
    Random(1).shuffle(names)
    again = sample_of(names)
    assert once.runs == again.runs
    assert len(once.runs) == KEPT
    assert set(once.runs.values()) == {2}
    assert 4_500 < once.distinct < 5_500
    assert once.bringing == once.distinct
