"""Names among others: what looks like them is common, and what does not is rare."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from coldtrail.features.names.foreign import Family, Rows
from coldtrail.features.names.traits import traits_of
from tests.fixtures.fed import FLOODS, HONEST, Name


def looks(names: list[str]) -> Rows:
    return np.array([traits_of(name) for name in names], np.uint16)


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("number", [10, 60, 250])
def test_a_name_of_another_make_is_more_foreign_than_any(flood: str, number: int) -> None:
    family = Family(looks([f"{FLOODS[flood](Random(i))}.example.org" for i in range(number)]))
    for name in ("evil-collector.attacker.net", "203.0.113.9", "x.y.io"):
        assert family.chance(looks([name])[0]) == pytest.approx(1 / (number + 1)), name


@pytest.mark.parametrize("name", [*FLOODS.values(), *HONEST.values()], ids=[*FLOODS, *HONEST])
def test_a_chance_is_reached_about_as_often_as_it_says(name: Name) -> None:
    """Whatever the names are: that is what keeps honest functions from alarming."""
    random, found = Random(5), []
    for _ in range(12):
        names = list(dict.fromkeys(name(random) for _ in range(140)))
        family = Family(looks(names[: len(names) // 2]))
        found += [family.chance(look) for look in looks(names[len(names) // 2 :])]
    chances = np.array(found)
    for level in (0.05, 0.1, 0.3):
        share, error = float((chances <= level).mean()), np.sqrt(level * (1 - level) / len(chances))
        assert share <= level + 4 * error


def test_one_name_alone_makes_no_other_foreign() -> None:
    assert Family(looks(["abc"])).chance(looks(["x.y.io"])[0]) == 1.0
