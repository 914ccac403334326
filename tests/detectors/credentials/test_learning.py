"""What is usual is learned, and what was strange only slowly."""

from __future__ import annotations

from coldtrail.detectors.credentials import learning
from coldtrail.detectors.credentials.evidence import Evidence, Signs
from coldtrail.detectors.credentials.owners import Owned
from coldtrail.detectors.credentials.states import AccessKey, Habits, Pool
from tests.detectors.credentials.sessions import Made

PAY = Made("pay")
HOME = Signs(11, "Boto3|AWS_Lambda_python3.11", 1, True)


def owned(number: int = 1, habits: Habits | None = None) -> Owned:
    return Owned(0, habits or Habits(PAY.key, True), AccessKey(0, number), True)


def test_a_call_teaches_its_key_and_its_function() -> None:
    one, pool, begun = owned(), Pool(), dict[int, int]()
    for at in (1.0, 2.0):
        learning.learn(one, HOME, Evidence(), at, pool, begun)
    habits, key = one.habits, one.access_key
    assert (habits.keys, habits.calls, habits.agents, habits.places) == (1, 2, {HOME.agent: 2}, {11: 1})
    assert (key.calls, key.places, begun) == (2, [11], {11: 1})


def test_a_new_program_is_usual_after_three_keys() -> None:
    habits = Habits(PAY.key, True, calls=100, agents={HOME.agent: 100})
    new = HOME._replace(agent="aws-sdk-js|AWS_Lambda_nodejs22.x")
    for number in (1, 1, 2):
        learning.learn(owned(number, habits), new, Evidence(agent=2.0), 1.0, Pool(), {})
        assert new.agent not in habits.agents
    learning.learn(owned(3, habits), new, Evidence(agent=2.0), 1.0, Pool(), {})
    assert new.agent in habits.agents


def test_a_key_that_stays_elsewhere_has_moved() -> None:
    one = owned()
    for at in range(0, 4_000, 100):
        learning.went(one, HOME._replace(place=12), float(at), "e", Pool())
    assert one.habits.moved == 1
    assert learning.has_settled(one.access_key, 4_000.0)
    assert not learning.has_settled(one.access_key, 3_000.0)
    one.access_key.returned = True
    assert not learning.has_settled(one.access_key, 4_000.0)


def test_coming_back_counts_once_a_key_and_less_where_addresses_are_shared() -> None:
    alone, shared = owned(), owned()
    alone.habits.keys = shared.habits.keys = 100
    alone.habits.new_places = 100
    assert learning.came_back(alone, Pool(keys=500)) > 1.9
    assert learning.came_back(alone, Pool(keys=500)) == 0.0
    assert learning.came_back(shared, Pool(keys=500)) == 0.5


def test_use_from_outside_on_seven_days_becomes_usual() -> None:
    habits = Habits(PAY.key, True)
    told = [
        learning.is_usual_outside(habits, HOME, day * learning.DAY_S + hour)
        for day in range(9)
        for hour in (0, 9)
    ]
    assert told.index(True) == 2 * 7 - 1
