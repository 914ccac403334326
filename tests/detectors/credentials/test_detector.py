"""Stolen credentials are told at once, and what only looks like them is not."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import inf
from typing import Any

import pytest
from msgspec.structs import replace

from coldtrail.config import BaselineSettings
from coldtrail.detectors.credentials.detector import CredentialsDetector
from coldtrail.features.recent import mark
from coldtrail.records.encounter import Encounter
from coldtrail.records.signal import Signal
from coldtrail.records.witnesses import ApiCall
from tests.detectors.credentials.sessions import (
    ACCOUNT,
    BEGIN,
    DAY_S,
    PYTHON,
    REGION,
    Days,
    Made,
    address,
    call_of,
    encounter,
    release,
    shutdown,
    theft,
)

PAY = Made("pay")
"""Each environment has an address of its own."""
VPC = Made("vpc", addresses=2, endpoint="vpce-1")
SCOPE = Made("scope", in_scope=True, is_given=False)
UNTOLD = Made("untold", is_given=False)
"""Only the claim of its program says whose its calls are."""
ROAMING = Made("roaming", changing=0.05)
PLAIN = Made("plain", agent=("aws-sdk-go", None))
"""Its program never says that it runs in a function."""
LEFT, RIGHT = Made("left", role="shared"), Made("right", role="shared")
ALL = (PAY, VPC, SCOPE, UNTOLD, ROAMING, PLAIN, LEFT, RIGHT)
LATE = BEGIN + 3 * DAY_S


@cache
def days() -> Days:
    return Days(ALL, 4.0, 1)


def signals(encounters: Sequence[Encounter]) -> list[Signal]:
    return CredentialsDetector(BaselineSettings()).see(encounters, inf)


def told(encounters: Sequence[Encounter]) -> list[Signal]:
    return [one for one in signals(encounters) if one.at >= LATE]


def moment(made: Made) -> float:
    """A time at which an environment of the function runs, and has been running for some time."""
    at = LATE + 3_600.0
    while (one := days().alive(made, at)) is None or at - one.since < 3_000 or one.until - at < 1_200:
        at += 300.0
    return at


def key_at(made: Made, at: float) -> str:
    found = days().alive(made, at)
    assert found is not None
    return found.key


def test_benign_days_say_nothing() -> None:
    assert not [one for one in signals(days().all()) if one.alone]
    assert not told(days().all())


@pytest.mark.parametrize("made", ALL, ids=lambda made: made.name)
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"agent": ("aws-sdk-go-v2", None)},
        {"agent": ("Boto3", PYTHON)},
        {"operations": (("DynamoDB", "GetItem", "orders"),)},
    ],
    ids=["tool", "sdk", "forged program", "usual call"],
)
def test_a_theft_is_told_with_its_first_calls(made: Made, how: dict[str, Any]) -> None:
    at = moment(made)
    stolen = key_at(made, at)
    found = [one for one in told(days().all(*theft(made, stolen, at, **how))) if one.alone]
    assert found
    assert found[0].finding.subject.function_name == made.name
    assert found[0].at <= at + 60.0
    assert found[0].credentials == (stolen,)
    assert found[0].refs[0].id.startswith("theft-")
    assert all(one.finding.subject.function_name == made.name for one in found)


def test_a_key_that_the_environment_never_used_is_told_as_well() -> None:
    at = moment(PAY)
    found = [one for one in told(days().all(*theft(PAY, "p-key-never-seen", at))) if one.alone]
    assert [one.finding.subject.function_name for one in found][:1] == ["pay"]


def test_functions_that_share_the_role_are_named() -> None:
    at = moment(LEFT)
    found = told(days().all(*theft(LEFT, key_at(LEFT, at), at)))
    assert found[0].finding.subject.function_name == "left"
    assert [one[3] for one in found[0].functions] == ["right"]


def test_what_is_seen_and_usual_is_named() -> None:
    at = moment(PAY)
    one = told(days().all(*theft(PAY, key_at(PAY, at), at)))[0]
    assert one.finding.kind == "credentials_outside"
    told_of = {trait.what: trait.value for trait in one.finding.seen.traits}  # type: ignore[union-attr]
    assert told_of == {
        "address": "p-00000000000000ff",
        "user_agent": "aws-cli",
        "operation": "STS GetCallerIdentity",
    }
    assert one.finding.expected.things[0].name == f"Boto3 in {PYTHON}"  # type: ignore[union-attr]
    assert ("operation", "STS GetCallerIdentity") in one.indicators
    assert ("network", "p-00000000000000ff") in one.indicators


def test_a_theft_of_many_calls_is_told_once_and_again_when_tenfold() -> None:
    at = moment(PAY)
    many = theft(PAY, key_at(PAY, at), at, operations=(("S3", "GetObject", "receipts"),) * 60, pause_s=1.0)
    found = [one for one in told(days().all(*many)) if one.alone]
    assert [one.count for one in found] == [1, 10]


@pytest.mark.parametrize("is_fresh", [False, True])
def test_what_was_called_a_theft_teaches_nothing(is_fresh: bool) -> None:
    at = moment(PAY)
    stolen = "p-key-never-seen" if is_fresh else key_at(PAY, at)
    detector = CredentialsDetector(BaselineSettings())
    calls = (("STS", "GetCallerIdentity", None), *(("S3", "GetObject", "receipts"),) * 200)
    many = theft(PAY, stolen, at, operations=calls, pause_s=2.0)
    detector.see(days().all(*many), inf)
    habits = next(one for one in detector._owners.state.functions if one.key == PAY.key)
    assert list(habits.agents) == [f"Boto3|{PYTHON}"]
    assert mark("p-00000000000000ff") not in habits.places
    assert mark("p-00000000000000ff") not in detector._begun


def test_credentials_at_two_places_by_turns_are_told_though_all_else_is_forged() -> None:
    at = moment(PAY)
    forged = theft(
        PAY, key_at(PAY, at), at, agent=PAY.agent, operations=(("DynamoDB", "GetItem", "orders"),) * 40
    )
    found = [one for one in told(days().all(*forged)) if one.alone]
    assert found
    assert found[0].at - at < 1_200
    assert any(ref.id == f"theft-{at:.3f}" for ref in found[0].refs)


def test_an_endpoint_of_another_account_is_told() -> None:
    at = moment(PAY)
    calls = theft(
        PAY, key_at(PAY, at), at, agent=PAY.agent, operations=(("S3", "PutObject", "receipts"),),
        vpc_endpoint="vpce-9", vpc_endpoint_account="999988887777",
    )  # fmt: skip
    found = [one for one in told(days().all(*calls)) if one.alone]
    assert [one.finding.kind for one in found] == ["credentials_outside"]


def test_a_key_that_is_used_after_its_environment_ended_is_told() -> None:
    at = moment(PAY)
    instance = days().alive(PAY, at)
    assert instance is not None
    usual = [one for one in days().all() if not _is_of(one, instance.key) or one.at < at - 900]
    detector = CredentialsDetector(BaselineSettings())
    detector.see([one for one in usual if one.at < at - 900], at - 900)
    detector._owners.note_instance(instance.key, "i-1")
    late = call_of(PAY, at, instance.key, instance.address, event_id="late")
    rest = [shutdown(PAY, "i-1", at - 600), *[one for one in usual if one.at >= at - 900]]
    rest = sorted([*rest, encounter(late, PAY)], key=lambda one: one.at)
    found = [one for one in detector.see(rest, inf) if one.alone]
    assert [(one.finding.kind, one.at) for one in found] == [("credentials_after_end", at)]


def _is_of(one: Encounter, access_key: str) -> bool:
    return isinstance(one.what, ApiCall) and one.what.access_key == access_key


def changed(made: Made, **fields: Any) -> list[Encounter]:
    """All calls of a function after a day, with other fields."""
    found = []
    for one in days().all():
        call = one.what
        if one.at >= LATE and one.actor == made.key and isinstance(call, ApiCall) and not call.vpc_endpoint:
            one = Encounter(one.at, replace(call, **fields), one.actor)
        found.append(one)
    return found


def test_a_network_may_get_another_address() -> None:
    assert not [one for one in told(changed(VPC, source_ip=address("new"))) if one.alone]


def test_an_endpoint_may_be_added() -> None:
    calls = changed(PAY, vpc_endpoint="vpce-2", vpc_endpoint_account=ACCOUNT, source_ip="p-10")
    assert not [one for one in told(calls) if one.alone]


@pytest.mark.parametrize("agent", [("aws-sdk-js", "AWS_Lambda_nodejs22.x"), ("Boto3", None)])
def test_a_release_may_bring_another_program(agent: tuple[str, str | None]) -> None:
    newer = {one.key for one in days().instances if one.made is PAY and one.since > LATE}
    calls = []
    for one in days().all():
        call = one.what
        if isinstance(call, ApiCall) and call.access_key in newer:
            one = Encounter(one.at, replace(call, user_agent=agent[0], environment=agent[1]), one.actor)
        calls.append(one)
    at_most_weak = told(sorted([*calls, release(PAY, LATE)], key=lambda one: one.at))
    assert not [one for one in at_most_weak if one.alone]


def test_services_on_behalf_and_signed_links_say_nothing() -> None:
    at = moment(PAY)
    by_service = {"invoked_by": "s3.amazonaws.com", "source_service": "s3.amazonaws.com"}
    some = [
        encounter(call_of(PAY, at + n, key_at(PAY, at), address(n), event_id=f"b{n}", **more), PAY)
        for n, more in enumerate(
            [
                {"service": "KMS", "operation": "Decrypt", **by_service},
                {"service": "S3", "presigned": True, "user_agent": "browser", "environment": None},
            ]
            * 5
        )
    ]
    assert not told(days().all(*some))


def assumed(at: float, key: str = "p-key-person", **more: Any) -> Encounter:
    told: dict[str, Any] = {
        "principal": "p-person",
        "principal_kind": "IAMUser",
        "source_ip": "p-office",
    } | more
    call = ApiCall(
        f"assumed-{key}", at, ACCOUNT, REGION, "STS", "AssumeRole", target=PAY.role_arn, access_key="p-human",
        user_agent="aws-cli", issued_key=key, issued_role=PAY.role_arn, **told,
    )  # fmt: skip
    return encounter(call, None)


def used(at: float, *operations: tuple[str, str, str], key: str = "p-key-person") -> list[Encounter]:
    return theft(PAY, key, at, session="p-session-of-the-person", operations=operations)


LOOKS = (("STS", "GetCallerIdentity", ""), ("S3", "ListBuckets", ""), ("IAM", "ListRoles", ""))
WORK = (("DynamoDB", "GetItem", "orders"),) * 5


def borrowed(*encounters: Encounter) -> list[bool]:
    return [one.alone for one in told(days().all(*encounters)) if one.finding.kind == "role_borrowed"]


def test_who_takes_on_the_role_for_the_first_time_and_looks_around_is_told() -> None:
    at = moment(PAY)
    assert borrowed(assumed(at), *used(at + 5, *LOOKS))[-1]
    # By a second session of the day as well.
    assert borrowed(assumed(at, "p-1"), assumed(at + 60, "p-2"), *used(at + 65, *LOOKS, key="p-2"))[-1]


def test_a_session_of_the_role_that_works_as_the_function_does_is_nobodys_environment() -> None:
    at = moment(PAY)
    assert not borrowed(assumed(at), *used(at + 5, *WORK))
    assert not any(borrowed(assumed(at), *used(at + 5, LOOKS[0], *WORK)))


def test_what_is_done_with_a_borrowed_role_is_not_the_functions_own_work() -> None:
    at = moment(PAY)
    looks = [("STS", "GetCallerIdentity", "")]
    stolen = [replace(one, actor=PAY.key) for one in theft(PAY, key_at(PAY, at), at + 60, operations=looks)]

    def points(*before: Encounter) -> float:
        return max(
            one.strength for one in told(days().all(*before, *stolen)) if one.finding.kind != "role_borrowed"
        )

    assert points(assumed(at), *used(at + 5, *looks)) == points(assumed(at))


def test_who_took_on_the_role_on_an_earlier_day_may_look_around() -> None:
    at = moment(PAY)
    before = assumed(at - 1.5 * 86_400, "p-key-before")
    assert not borrowed(before, assumed(at), *used(at + 5, *LOOKS))


@pytest.mark.parametrize(
    "other", [{"principal": None, "principal_kind": "AWSService"}, {"invoked_by": "states.amazonaws.com"}]
)
def test_a_service_of_the_cloud_borrows_nothing(other: dict[str, Any]) -> None:
    at = moment(PAY)
    assert not borrowed(assumed(at, **other), *used(at + 5, *LOOKS))


def test_the_name_of_a_functions_session_with_a_key_of_others_is_told() -> None:
    at = moment(PAY)
    assumed = ApiCall(
        "assumed", at, ACCOUNT, REGION, "STS", "AssumeRole", target=PAY.role_arn, access_key="p-human",
        principal="p-person", principal_kind="IAMUser", issued_key="p-key-person", issued_role=PAY.role_arn,
    )  # fmt: skip
    forged = theft(
        PAY, "p-key-person", at + 5, agent=PAY.agent, operations=(("DynamoDB", "GetItem", "orders"),)
    )
    found = [one for one in told(days().all(encounter(assumed, None), *forged)) if one.alone]
    assert [one.finding.kind for one in found] == ["session_forged"]


def test_a_session_that_only_claims_a_functions_name_is_not_the_functions() -> None:
    at = moment(UNTOLD)
    calls = theft(
        UNTOLD, "p-key-other", at, agent=UNTOLD.agent, role=f"arn:aws:iam::{ACCOUNT}:role/other",
        session="p-else", operations=(("DynamoDB", "GetItem", "orders"),) * 5,
    )  # fmt: skip
    named = [replace(one, actor=UNTOLD.key) for one in calls]
    assert not told(days().all(*named))


def test_a_hundred_thousand_sessions_are_bounded() -> None:
    detector = CredentialsDetector(BaselineSettings())
    detector.see(days().all(), inf)
    before = sum(one.nbytes for one in detector.snapshot().values())
    at, end = days().end, days().end + 100.0
    flood = []
    for number in range(100_000):
        call = call_of(PAY, at + number / 1_000, f"p-flood-{number}", f"p-{number}", session=f"p-s{number}")
        flood.append(encounter(call, PAY))
    found = detector.see(flood, end)
    assert len(found) < 20
    state = sum(one.nbytes for one in detector.snapshot().values())
    assert state < max(2 * before, 64 * 1024 + len(ALL) * 2 * 1024)


def test_functions_with_few_calls_are_not_ready() -> None:
    detector = CredentialsDetector(BaselineSettings())
    detector.see(days().all()[:200], inf)
    few = detector.not_ready()
    assert few
    assert all("calls" in one for one in few.values())
    detector.see(days().all()[200:], inf)
    assert not detector.not_ready()
