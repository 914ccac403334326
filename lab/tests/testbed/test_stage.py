"""What look-alikes change really changes."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from coldtrail_testbed.applications.model import Function
from coldtrail_testbed.cloud.arrivals import Arrivals
from coldtrail_testbed.cloud.local_cloud import LocalCloud
from coldtrail_testbed.cloud.stage import RunStage
from coldtrail_testbed.look_alikes.model import Stage

from .small_cloud import ANYTHING, ask, segments_of, small_application, small_cloud

_APPLICATION = replace(
    small_application(), later=[Function("Newcomer", "lab.tests.testbed.woken.handler", grants=ANYTHING)]
)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with small_cloud(_APPLICATION) as cloud:
        yield cloud


def _arrivals(cloud: LocalCloud, number: int = 5) -> Arrivals:
    return Arrivals(_APPLICATION, 1, number, cloud.foundation, cloud.open_browser)


def _stage(cloud: LocalCloud, arrivals: Arrivals | None = None) -> Stage:
    return RunStage(_APPLICATION, Random(1), cloud, arrivals or _arrivals(cloud))


def test_a_function_can_be_added(cloud: LocalCloud) -> None:
    _stage(cloud).add_function("Newcomer")
    ask(cloud, ("lambda", "invoke", {"FunctionName": "Newcomer"}))
    assert {one["name"] for one in segments_of(cloud, "AWS::Lambda::Function")} == {"Front", "Newcomer"}


def test_later_comes_and_keeps_nothing_alive(cloud: LocalCloud) -> None:
    stage, times, ticks = _stage(cloud), [], []
    begin = stage.now()
    cloud.foundation.agenda.every(begin + 10, 10, lambda: ticks.append(stage.now()))
    stage.later(begin + 1000, lambda: times.append(stage.now()))
    cloud.settle()
    assert times == [begin + 1000]
    assert ticks == []


def test_users_are_hurried_and_held_up(cloud: LocalCloud) -> None:
    arrivals, begin = _arrivals(cloud, 4), cloud.now()
    stage = _stage(cloud, arrivals)
    arrivals.when_came(0.5, lambda: stage.hurry(6, begin + 125))
    arrivals.when_came(0.75, lambda: stage.pause_users(begin + 900))
    arrivals.begin()
    times = []
    while cloud.step():
        times.append((arrivals.came, cloud.now() - begin))
    assert [next(time for came, time in times if came == number) for number in (1, 2, 3, 4)] == [
        60,
        120,
        130,
        960,
    ]


def test_calls_are_throttled_and_slowed_down(cloud: LocalCloud) -> None:
    stage = _stage(cloud)
    until = stage.now() + 60
    stage.throttle("dynamodb", 1.0, until)
    stage.slow_down("s3", 3.0, until)
    disturbances = cloud.foundation.disturbances
    assert disturbances.throttles("dynamodb", until - 1)
    assert not disturbances.throttles("dynamodb", until)
    assert [disturbances.slowness("s3", time) for time in (until - 1, until)] == [3.0, 1.0]


def test_a_new_version_runs_on_new_instances(cloud: LocalCloud) -> None:
    ask(cloud)
    version = _stage(cloud).release("Front", "lab.tests.testbed.handlers.fail")
    cloud.take_facts()
    cloud.request("small", "POST", "/do", {"calls": []})
    [run] = cloud.take_facts().runs
    assert (run.version, run.status) == (version, "error")
    assert run.init_s is not None
