"""The benign look-alikes: what each does to the stage of a run."""

from collections.abc import Callable
from math import inf
from random import Random

import pytest

from coldtrail_testbed.applications.airline import APPLICATION as AIRLINE
from coldtrail_testbed.applications.model import Application, Function, Grant
from coldtrail_testbed.applications.vod import APPLICATION as VOD
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.look_alikes import LOOK_ALIKES, find_look_alikes

NOW = 1_000_000.0


def application(**parts: object) -> Application:
    functions = [
        Function("Reader", "a.handler", grants=[Grant(("dynamodb:GetItem",), "*")]),
        Function("Sender", "b.handler", grants=[Grant(("sns:Publish",), "*")]),
    ]
    return Application("small", "", functions, AIRLINE.users, AIRLINE.gap, **parts)  # type: ignore[arg-type]


class RecordedStage:
    def __init__(self, application: Application) -> None:
        self.application = application
        self.generator = Random(1)
        self.time = NOW
        self.orders: list[tuple[object, ...]] = []

    def now(self) -> float:
        return self.time

    def later(self, time: float, activity: Callable[[], None]) -> None:
        self.time = time
        activity()
        self.time = NOW

    def release(self, function: str, handler: str) -> str:
        self.orders.append(("release", function, handler))
        return "2"

    def add_function(self, name: str) -> None:
        self.orders.append(("add", name))

    def slow_down(self, partner: str, factor: float, until: float) -> None:
        self.orders.append(("slow", partner, factor, until - self.time))

    def throttle(self, service: str, share: float, until: float) -> None:
        self.orders.append(("throttle", service, share, until - self.time))

    def hurry(self, factor: float, until: float) -> None:
        self.orders.append(("hurry", factor, self.time - NOW, until - self.time))

    def pause_users(self, until: float) -> None:
        self.orders.append(("pause", until - self.time))


def test_a_new_version_is_released_and_touches_its_function_alone() -> None:
    stage = RecordedStage(application(releases={"Reader": "a2.handler"}))
    window = LOOK_ALIKES["new_version"].begin(stage)
    assert stage.orders == [("release", "Reader", "a2.handler")]
    assert (window.begin, window.end, window.functions) == (NOW, inf, ("Reader",))
    assert window.facts == {"version": "2"}


def test_a_partner_is_slower_for_a_day() -> None:
    stage = RecordedStage(application(partner="payments", partner_callers=["Sender"]))
    window = LOOK_ALIKES["slow_partner"].begin(stage)
    assert stage.orders == [("slow", "payments", 1.3, 86_400)]
    assert window.functions == ("Sender",)
    assert window.end - window.begin == 86_400


def test_a_retry_storm_touches_the_functions_that_call_the_throttled_service() -> None:
    stage = RecordedStage(application())
    window = LOOK_ALIKES["retry_storm"].begin(stage)
    assert stage.orders == [("throttle", "dynamodb", 0.25, 1800)]
    assert window.functions == ("Reader",)


def test_a_burst_of_cold_starts_follows_a_quiet_time_longer_than_any_instance_waits() -> None:
    stage = RecordedStage(application())
    window = LOOK_ALIKES["cold_burst"].begin(stage)
    (_, quiet), (_, factor, begin, length) = stage.orders
    assert quiet == begin == window.begin - NOW > 900
    assert factor >= 10
    assert window.end - window.begin == length


def test_a_burst_is_over_before_a_sale_where_users_come_every_few_seconds() -> None:
    stage = RecordedStage(application())
    window = LOOK_ALIKES["cold_burst"].begin(stage)
    (*_,), (_, factor, _, _) = stage.orders
    shortest_gap_s = 2.5
    in_burst = (window.end - window.begin) * float(str(factor)) / shortest_gap_s
    assert LOOK_ALIKES["cold_burst"].after + in_burst / VOD.iterations <= LOOK_ALIKES["sale_day"].after


def test_a_sale_brings_more_users_for_a_day() -> None:
    stage = RecordedStage(application())
    window = LOOK_ALIKES["sale_day"].begin(stage)
    assert stage.orders == [("hurry", 5, 0.0, 86_400)]
    assert window.functions == ("Reader", "Sender")


def test_a_new_function_is_added() -> None:
    stage = RecordedStage(application(later=[Function("Newcomer", "c.handler")]))
    window = LOOK_ALIKES["new_function"].begin(stage)
    assert stage.orders == [("add", "Newcomer")]
    assert window.functions == ("Newcomer",)


@pytest.mark.parametrize("name", ["new_version", "new_function"])
def test_what_an_application_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(TestbedError, match="small has no"):
        LOOK_ALIKES[name].begin(RecordedStage(application()))


def test_names_are_looked_up() -> None:
    assert find_look_alikes(["none"]) == []
    assert len(find_look_alikes(["all"])) == 6
    assert [one.name for one in find_look_alikes(["account"])] == [
        "new_office",
        "on_call",
        "key_rotation",
        "pipeline_moved",
        "region_failover",
    ]
    assert len(find_look_alikes(["none", "sale_day", "all"])) == 6
    assert [one.name for one in find_look_alikes(["sale_day", "sale_day"])] == ["sale_day"]
    with pytest.raises(
        TestbedError, match="no benign look-alike 'flood'; choose from: none, all, account, new_version"
    ):
        find_look_alikes(["flood"])
