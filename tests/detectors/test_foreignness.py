"""How foreign a new thing is among those that a function met once."""

from __future__ import annotations

from random import Random

import numpy as np

from coldtrail.detectors.foreignness import MOST_KEPT, Foreignness
from coldtrail.features.looks import TRAITS, look_of_step
from coldtrail.features.names.foreign import Rows
from tests.fixtures.fed import FLOODS

ONE, OTHER = np.uint64(5), np.uint64(9)
FLOOD = FLOODS["letters of one length"]


def looks(*names: str, operation: str = "PutObject") -> Rows:
    return np.array([look_of_step(operation, "S3", "handler", name) for name in names], np.uint16)


def fed(number: int) -> Foreignness:
    names = [FLOOD(Random(i)) for i in range(number)]
    out = Foreignness()
    out.fit(np.full(number, ONE), np.arange(number, dtype=np.uint64), looks(*names))
    return out


def test_what_is_of_another_make_is_foreign_and_what_is_of_one_is_not() -> None:
    found = fed(100).share(np.array([ONE, ONE]), looks("evil-bucket", FLOOD(Random(777))))
    assert found[0] == 1 / 101
    assert found[1] > 0.1


def test_another_operation_on_such_a_name_is_foreign() -> None:
    name = FLOOD(Random(777))
    same, other = (
        fed(100).share(np.array([ONE]), looks(name, operation=one))[0] for one in ("PutObject", "GetObject")
    )
    assert other < same / 5


def test_where_nothing_was_met_nothing_is_foreign() -> None:
    assert fed(100).share(np.array([OTHER]), looks("evil-bucket"))[0] == 1.0
    assert Foreignness().share(np.array([OTHER]), looks("evil-bucket"))[0] == 1.0


def test_what_is_kept_is_bounded_and_the_same_in_any_order() -> None:
    names = [FLOOD(Random(i)) for i in range(3 * MOST_KEPT)]
    keys, things = np.full(len(names), ONE), np.arange(len(names), dtype=np.uint64)
    one, other = Foreignness(), Foreignness()
    one.fit(keys, things, looks(*names))
    other.fit(keys, things[::-1], looks(*names[::-1]))
    assert one.looks.shape == (MOST_KEPT, TRAITS)
    assert np.array_equal(one.looks, other.looks)


def test_what_was_learned_survives_the_way_to_disk_and_back() -> None:
    before, again = fed(50), Foreignness()
    again.share(np.array([ONE]), looks("evil-bucket"))
    again.restore(before.state())
    asked = np.array([ONE, OTHER]), looks("evil-bucket", "evil-bucket")
    assert again.share(*asked).tolist() == before.share(*asked).tolist()
