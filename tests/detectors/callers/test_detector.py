from __future__ import annotations

from collections.abc import Iterator
from math import inf
from random import Random
from typing import Any

import pytest

from coldtrail.config import BaselineSettings
from coldtrail.detectors.callers.detector import CallersDetector
from coldtrail.records.encounter import Encounter, Run
from coldtrail.records.identity import FunctionKey
from coldtrail.records.signal import Signal
from coldtrail.records.traits import Trait
from coldtrail.records.witnesses import Access, ApiCall
from tests.detectors.callers.simulation import ACCOUNT, BEGIN, DAY_S, REGION, call, function

HOME, AWAY = ("net-home", "IE"), ("net-away", "KP")
PAY = function(0)


def invocation(at: float, principal: str, place: tuple[str, str], agent: str, **more: Any) -> Encounter:
    return Encounter(
        at, call(at, "Lambda", "Invoke", principal, place, agent, data_event=True, **more), None, PAY
    )


def by_service(at: float, service: str) -> Encounter:
    one = ApiCall(
        f"s-{at}",
        at,
        ACCOUNT,
        REGION,
        "Lambda",
        "Invoke",
        principal_kind="AWSService",
        source_service=service,
    )
    return Encounter(at, one, None, PAY)


def stable(seed: int, days: int = 30, a_day: int = 100) -> Iterator[Encounter]:
    """A function that two principals and a service start, all day long."""
    random = Random(seed)
    for at in sorted(BEGIN + random.random() * days * DAY_S for _ in range(days * a_day)):
        who = random.randrange(3)
        if who == 2:
            yield by_service(at, "states.amazonaws.com")
        else:
            yield invocation(at, f"p-{who}", HOME, "Boto3")


def told(encounters: list[Encounter]) -> list[Signal]:
    return CallersDetector(BaselineSettings()).see(encounters, inf)


@pytest.mark.parametrize("seed", range(20))
def test_a_new_caller_in_a_stable_stream_is_told_and_nothing_else(seed: int) -> None:
    encounters = list(stable(seed))
    assert told(encounters) == []
    new = {
        "from elsewhere": invocation(BEGIN + 30 * DAY_S, "p-mallory", AWAY, "aws-cli"),
        "by the same program": invocation(BEGIN + 30 * DAY_S, "p-mallory", ("net-away", "IE"), "Boto3"),
        "a service": by_service(BEGIN + 30 * DAY_S, "events.amazonaws.com"),
    }
    for one in new.values():
        signals = [signal for signal in told([*encounters, one]) if signal.finding.subject.kind == "function"]
        assert [(signal.finding.kind, signal.alone) for signal in signals] == [("caller", True)]


def test_a_known_caller_from_elsewhere_by_another_program() -> None:
    odd = invocation(BEGIN + 30 * DAY_S, "p-0", AWAY, "curl")
    of_function = [one for one in told([*stable(1), odd]) if one.finding.subject.kind == "function"]
    assert [(one.finding.kind, one.alone) for one in of_function] == [("caller_elsewhere", True)]


def test_somebody_of_the_account_who_tries_a_function_from_his_office_is_no_alarm() -> None:
    office = ("net-office", "DE")
    work = [
        Encounter(at, call(at, "S3", "GetObject", "p-developer", office, "aws-cli"))
        for at in (BEGIN + number * DAY_S / 4 for number in range(120))
    ]
    tries = [invocation(BEGIN + 30 * DAY_S + one, "p-developer", office, "aws-cli") for one in range(5)]
    signals = told([*sorted([*stable(1), *work], key=lambda one: one.at), *tries])
    assert [(one.finding.kind, one.alone) for one in signals if one.at > BEGIN + 29 * DAY_S] == [
        ("caller", False)
    ]


def test_a_pipeline_that_moves_to_another_role_is_no_alarm() -> None:
    moved = [
        invocation(BEGIN + 30 * DAY_S + one * 3_600.0, "p-new", HOME, "Boto3", role="arn:aws:iam::1:role/new")
        for one in range(30)
    ]
    assert not any(one.alone for one in told([*stable(1), *moved]))


def test_a_function_that_calls_another_from_ever_new_addresses_is_usual() -> None:
    def called(day: float) -> Encounter:
        at = BEGIN + day * DAY_S
        place = (f"net-{at}", "IE")
        more = {"role": "arn:aws:iam::1:role/orders", "environment": "AWS_Lambda_python3.13"}
        one = call(at, "Lambda", "Invoke", f"p-{at}", place, "Boto3", data_event=True, **more)
        return Encounter(at, one, FunctionKey(ACCOUNT, REGION, "shop", "orders"), PAY)

    assert told([called(day / 20) for day in range(600)]) == []


def test_what_the_credentials_of_functions_do_is_left_to_others() -> None:
    odd = Encounter(BEGIN + 30 * DAY_S, call(BEGIN, "IAM", "ListUsers", "p-0", AWAY, "curl"), PAY)
    assert told([*stable(1), odd]) == []


def test_visitors_of_a_public_gateway_are_no_news() -> None:
    random = Random(3)

    def visit(number: int) -> Encounter:
        at = BEGIN + number * DAY_S / 100
        country = random.choice(("DE", "FR", "GB", "US", "IN", "BR", "JP"))
        one = Access(
            at, f"g{number}", f"r{number}", source_network=f"net-{number}", source_country=country,
            user_agent=random.choice(("browser", "curl", "okhttp", "Go")), principal=f"p-user-{number % 500}",
        )  # fmt: skip
        return Encounter(at, one, None, PAY)

    assert told([visit(number) for number in range(3_000)]) == []


def test_a_trigger_of_traces_is_never_told_alone() -> None:
    from coldtrail.testing import make_flow

    flow = make_flow([], trigger="AWS::SQS orders")
    runs = [Encounter(BEGIN + day * DAY_S / 10, Run(flow)) for day in range(300)]
    odd = Encounter(BEGIN + 30 * DAY_S, Run(make_flow([], trigger="AWS::SNS evil")))
    assert told(runs) == []
    (signal,) = told([*runs, odd])
    assert (signal.alone, signal.finding.seen) == (False, Trait("trigger", "AWS::SNS evil"))


def test_sessions_without_end_take_bounded_state_and_are_told_few_times() -> None:
    role = "arn:aws:iam::1:role/worker"
    detector = CallersDetector(BaselineSettings())
    known = [
        Encounter(at, call(at, "S3", "GetObject", f"p-run-{at}", HOME, "Boto3", role=role))
        for at in (BEGIN + number * DAY_S / 20 for number in range(600))
    ]
    assert detector.see(known, inf) == []
    signals = []
    for part in range(10):
        batch = [
            Encounter(
                at,
                call(at, "IAM", f"List{number % 7}", f"p-{at}", (f"net-{number}", "KP"), "curl", role=role),
            )
            for number in range(part * 1_000, part * 1_000 + 1_000)
            for at in [BEGIN + 30 * DAY_S + number]
        ]
        signals += detector.see(batch, inf)
    assert 1 <= sum(one.alone for one in signals) <= 20
    assert len(signals) <= 40
    assert sum(array.nbytes for array in detector.snapshot().values()) < 2 * 2**20
    # What was known is known still.
    at = BEGIN + 33 * DAY_S
    assert (
        detector.see([Encounter(at, call(at, "S3", "GetObject", "p-run-x", HOME, "Boto3", role=role))], inf)
        == []
    )


def test_a_record_far_from_others_in_time_and_copies_poison_nothing() -> None:
    usual = list(stable(2))
    far = invocation(BEGIN + 40_000 * DAY_S, "p-0", HOME, "Boto3")
    early = invocation(1.0, "p-0", HOME, "Boto3")
    odd = invocation(BEGIN + 30 * DAY_S, "p-mallory", AWAY, "aws-cli")
    signals = told([early, *usual[:1_500], far, *(one for one in usual[1_500:] for _ in range(2)), odd])
    assert [one.alone for one in signals if one.finding.subject.kind == "function"] == [True]


def at_work(principal: str, operation: str = "GetObject") -> list[Encounter]:
    """A month of somebody who works from one place."""
    times = [BEGIN + number * DAY_S / 4 for number in range(120)]
    return [Encounter(at, call(at, "S3", operation, principal, HOME, "aws-cli")) for at in times]


def detector_of(principals: int) -> CallersDetector:
    """One that knows so many who work for a month."""
    detector = CallersDetector(BaselineSettings())
    month = [one for number in range(principals) for one in at_work(f"p-{number}")]
    assert detector.see(sorted(month, key=lambda one: one.at), inf) == []
    return detector


def scores_of(detector: CallersDetector) -> list[float]:
    """Of all that is strange of principals."""
    habits = detector._habits.staying.values()
    return [round(episode.score, 2) for habit in habits for episode in habit.episodes.values()]


def test_a_network_to_which_several_move_is_soon_no_news_unless_something_strange_comes_from_it() -> None:
    at = BEGIN + 30 * DAY_S
    moved = [
        Encounter(at + one, call(at, "S3", "GetObject", f"p-{one}", AWAY, "aws-cli")) for one in range(5)
    ]
    detector = detector_of(6)
    detector.see(moved, inf)
    first, second, third, *later = scores_of(detector)
    assert first >= second > 2.0
    assert max(third, *later) <= 0.5 * first
    thief = [
        Encounter(at + 9 + one, call(at + 9 + one, f"Service{one}", "List", "p-5", AWAY, "Pacu"))
        for one in range(9)
    ]
    assert any(one.alone for one in detector.see(thief, inf))
    (network,) = [one for one in detector._habits.networks.values() if one.is_strange]
    assert not network.is_shared


def test_two_countries_within_an_hour_are_stranger_than_one_after_the_other() -> None:
    at = BEGIN + 30 * DAY_S
    together, apart = detector_of(1), detector_of(1)
    home = Encounter(at, call(at, "S3", "GetObject", "p-0", HOME, "aws-cli"))
    for detector, later in ((together, 1_800.0), (apart, 5_400.0)):
        away = call(at + later, "S3", "GetObject", "p-0", AWAY, "aws-cli")
        detector.see([home, Encounter(at + later, away)], inf)
    assert scores_of(together)[0] == pytest.approx(scores_of(apart)[0] + 0.5)


def test_functions_that_are_hardly_known_are_not_ready() -> None:
    detector = CallersDetector(BaselineSettings())
    detector.see(list(stable(1, days=1)), inf)
    assert detector.not_ready()[PAY] == (
        "Its callers are known from 100 calls on 1 days; it takes 30 calls on 3 days."
    )
    detector.see(list(stable(1, days=4)), inf)
    assert detector.not_ready() == {}


def test_the_state_of_a_stable_function_is_small() -> None:
    detector = CallersDetector(BaselineSettings())
    detector.see(list(stable(1, days=5)), inf)
    assert detector.snapshot()["functions"].nbytes <= 1_500


@pytest.mark.parametrize("leaps", [(), (9_000.0,), (9_100.0, 9_000.0), (9_000.0, 9_100.0)])
def test_what_was_told_is_told_again_only_after_a_quiet_day_though_clocks_leap(
    leaps: tuple[float, ...],
) -> None:
    day = BEGIN + 30 * DAY_S
    odd = [invocation(day + at * DAY_S, "p-0", AWAY, "curl") for at in (0.1, 0.9, 1.8, 2.7, 5.5)]
    far = [invocation(day + leap * DAY_S, "p-1", HOME, "Boto3") for leap in leaps]
    encounters = sorted([*stable(1, days=36), *odd], key=lambda one: one.at)
    place = next(number for number, one in enumerate(encounters) if one.at > day + 0.5 * DAY_S)
    encounters[place:place] = far
    signals = [one for one in told(encounters) if one.finding.subject.kind == "function"]
    assert [round((one.at - day) / DAY_S, 1) for one in signals] == [0.1, 5.5]
