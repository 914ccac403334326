"""What attackers do from outside, against an intruder that only notes it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from coldtrail_testbed.applications import find_application
from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.attacks import ATTACKS
from coldtrail_testbed.attacks.locating import nothing, the_invocation
from coldtrail_testbed.attacks.model import Intrusion
from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.cloud.arrivals import expected_times

_CAMPAIGNS = [
    (application, name)
    for name, attack in ATTACKS.items()
    for application, place in attack.places.items()
    if isinstance(place, Intrusion)
]


class _Notebook:
    """An intruder that notes what it does."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, ...]] = []
        self.time = 0.0

    def request(self, api: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        self.notes.append(("request", api, method, path))

    def upload(self, bucket: str, key: str, content: bytes) -> None:
        assert content
        self.notes.append(("upload", bucket, key))

    def invoke(self, function: str, payload: Mapping[str, Any]) -> Any:
        self.notes.append(("invoke", function, str(payload)))

    def call_as(self, function: str, service: str, operation: str, **parameters: Any) -> Any:
        self.notes.append(("call", function, service, operation, str(parameters)))
        return {"Contents": [{"Key": "uploads/one.mp4"}]} if operation == "ListObjectsV2" else None

    def now(self) -> float:
        return self.time


def _intrusion(application: str, attack: str) -> Intrusion:
    place = ATTACKS[attack].places[application]
    assert isinstance(place, Intrusion)
    return place


def _carry_out(application: str, attack: str, seed: int) -> _Notebook:
    notebook = _Notebook()
    for pause in _intrusion(application, attack).campaign(notebook, Random(seed)):
        assert pause > 0
        notebook.time += pause
    return notebook


def test_three_attacks_come_from_outside_in_both_applications() -> None:
    names = ("unusual_caller", "off_hours_burst", "stolen_credentials")
    assert sorted(_CAMPAIGNS) == sorted((app, name) for app in ("airline", "vod") for name in names)


@pytest.mark.parametrize(("application", "attack"), _CAMPAIGNS)
def test_a_campaign_follows_from_its_seed(application: str, attack: str) -> None:
    first, again = (_carry_out(application, attack, 1) for _ in range(2))
    assert (first.notes, first.time) == (again.notes, again.time)
    assert _carry_out(application, attack, 2).time != first.time
    assert len(first.notes) >= 4


@pytest.mark.parametrize(("application", "attack"), _CAMPAIGNS)
def test_campaigns_say_why_a_single_flow_does_not_show_them(application: str, attack: str) -> None:
    place = _intrusion(application, attack)
    assert place.same_as_benign
    assert place.function in {function.name for function in find_application(application).functions}
    assert place.locate is (nothing if attack == "stolen_credentials" else the_invocation)


def test_a_burst_is_dozens_in_a_minute_or_so_at_night() -> None:
    for application in ("airline", "vod"):
        burst = _carry_out(application, "off_hours_burst", 1)
        assert len(burst.notes) / burst.time > 1


@pytest.mark.parametrize("name", ["airline", "vod"])
def test_a_burst_comes_at_quiet_hours_of_the_papers_run_while_users_come(name: str) -> None:
    application, attacks = find_application(name), [ATTACKS["off_hours_burst"]]
    midnight = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
    for seed in range(10):
        begin = midnight + application.first_hour * 3600
        users = expected_times(application, seed, application.iterations, begin)
        plan = AttackPlan(attacks, name, 0.1, seed, application.iterations)
        burst = plan.campaign_start("off_hours_burst", users)
        assert users[0] < burst < users[-1]
        shortest = min(_mean_gap(application, midnight + hour * 3600) for hour in range(24))
        assert _mean_gap(application, burst) > 2 * shortest


def _mean_gap(application: Application, time: float) -> float:
    generator = Random(1)
    return sum(application.gap(time, generator) for _ in range(500)) / 500


def test_a_leaked_key_invokes_the_function_itself() -> None:
    assert {note[:2] for note in _carry_out("airline", "unusual_caller", 1).notes} == {
        ("invoke", "GetLoyalty")
    }
    assert {note[:2] for note in _carry_out("vod", "unusual_caller", 1).notes} == {("invoke", "dynamo")}


def test_stolen_credentials_list_get_and_put() -> None:
    done = {note[3] for app in ("airline", "vod") for note in _carry_out(app, "stolen_credentials", 1).notes}
    assert {"ListBuckets", "ListObjectsV2", "GetObject", "PutObject"} <= done
