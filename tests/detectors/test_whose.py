"""Which functions a record speaks of."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.config import Settings
from coldtrail.detectors.whose import MOST_OF_A_NAME, MOST_REQUESTS, Whose, functions_by_kind
from coldtrail.errors import BundleError
from coldtrail.records.encounter import Encounter, Run
from coldtrail.records.identity import FunctionKey
from coldtrail.records.witnesses import Access, ApiCall, Change, Network, Report
from coldtrail.testing import make_flow

PAY = FunctionKey("111122223333", "eu-west-1", "shop", "pay")
FAR = FunctionKey("444455556666", "us-east-1", "shop", "pay")


def call(**fields: object) -> ApiCall:
    plain = {"event_id": "e", "time": 1.0, "account": "111122223333", "region": "eu-west-1", "service": "S3"}
    return ApiCall(**plain | {"operation": "GetObject"} | fields)  # type: ignore[arg-type]


def whose(*known: FunctionKey) -> Whose:
    return Whose(Settings(), known)


def test_a_name_is_of_the_one_known_function_that_it_can_be() -> None:
    report = Report(1.0, "r", "pay")
    assert whose(PAY).encounter(1.0, report).actor == PAY
    of_two = whose(PAY, FAR).encounter(1.0, report).actor
    assert of_two == FunctionKey("", "", "default", "pay")
    placed = Report(1.0, "r", "pay", account="444455556666")
    assert whose(PAY, FAR).encounter(1.0, placed).actor == FAR


def test_a_name_that_was_of_one_function_is_of_none_once_there_are_two() -> None:
    one, report = whose(PAY), Report(1.0, "r", "pay")
    assert one.encounter(1.0, report).actor == PAY
    one.encounter(2.0, Report(2.0, "s", "pay", account=FAR.account, region=FAR.region))
    assert one.encounter(3.0, report).actor == FunctionKey("", "", "default", "pay")


def test_encounters_tell_by_kind_which_functions_they_are_of() -> None:
    report = Encounter(1.0, Report(1.0, "r", "pay"), PAY)
    some = [report, Encounter(2.0, call(), PAY, FAR), Encounter(3.0, call())]
    assert functions_by_kind(some) == {Report: {PAY}, ApiCall: {PAY, FAR}}


def test_the_actor_of_a_call_is_who_its_key_was_issued_to_wherever_it_is_used() -> None:
    one = whose(PAY)
    issued = call(
        service="STS",
        operation="AssumeRole",
        issued_key="p-key",
        session_function="pay",
        invoked_by="lambda.amazonaws.com",
    )
    one.encounter(1.0, issued)
    stolen = one.encounter(2.0, call(time=2.0, access_key="p-key", principal_kind="AssumedRole"))
    assert stolen.actor == PAY
    assert one.encounter(2.0, call(time=2.0, access_key="p-other")).actor is None


def test_the_platform_takes_on_a_role_for_a_known_function() -> None:
    taken = {"service": "STS", "operation": "AssumeRole", "issued_key": "k", "issued_role": "r"}
    by_cloud = {"invoked_by": "lambda.amazonaws.com", "session_function": "pay"}
    assert whose(PAY).encounter(1.0, call(**taken | by_cloud)).target == PAY
    assert whose(PAY).encounter(1.0, call(**taken | by_cloud, region="us-east-1")).target == PAY
    assert whose(PAY, FAR).encounter(1.0, call(**taken | by_cloud)).target == PAY
    poller = {"session_function": "awslambda_55_20240602202712548"}
    one = whose(PAY)
    assert one.encounter(1.0, call(**taken | by_cloud | poller)).target is None
    assert one.functions() == [PAY]
    assert whose(PAY).encounter(1.0, call(**taken, session_function="pay")).target is None


@pytest.mark.parametrize("target", ["pay", "arn:aws:lambda:eu-west-1:111122223333:function:pay:7"])
def test_an_invoke_names_its_target(target: str) -> None:
    told = call(service="Lambda", operation="Invoke", target=target)
    assert whose(PAY).encounter(1.0, told).target == PAY
    assert whose(PAY).encounter(1.0, call(service="Lambda", operation="ListFunctions")).target is None


@pytest.mark.parametrize(
    ("operation", "read_only", "target", "named"),
    [
        ("UpdateFunctionConfiguration", False, "pay", True),
        ("GetFunctionConfiguration", True, "pay", False),
        ("PublishLayerVersion", False, "metrics-agent", False),
    ],
)
def test_a_change_of_a_known_function_names_it_and_no_name_is_learned(
    operation: str, read_only: bool, target: str, named: bool
) -> None:
    one = whose(PAY)
    made = call(service="Lambda", operation=operation, read_only=read_only, target=target)
    assert one.encounter(1.0, made).target == (PAY if named else None)
    assert one.functions() == [PAY]


def test_a_line_of_the_gateway_is_of_the_function_that_its_request_started() -> None:
    one = whose(PAY)
    line = Access(2.0, "g", "r-1")
    assert one.encounter(2.0, line).target is None
    one.encounter(1.0, Report(1.0, "r-1", "pay", account="111122223333", region="eu-west-1"))
    assert one.encounter(2.0, line).target == PAY


def test_runs_changes_and_networks_name_their_functions() -> None:
    flow = make_flow([], function="pay", account="111122223333", region="eu-west-1")
    assert whose().encounter(1.0, Run(flow)).actor == PAY
    change = Change("e", 1.0, "111122223333", "eu-west-1", "pay", "UpdateFunctionCode")
    assert whose(PAY).encounter(1.0, change).target == PAY
    layer = Change("e", 1.0, "111122223333", "eu-west-1", "pay", "PublishLayerVersion", family="layers")
    assert whose(PAY).encounter(1.0, layer).target is None
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:pay"
    assert whose(PAY).encounter(1.0, Network(0.0, 1.0, function=arn)).actor == PAY
    assert whose(PAY).encounter(1.0, Network(0.0, 1.0)).actor is None


def test_what_is_named_in_full_later_is_known_before() -> None:
    one = whose()
    full = Report(5.0, "r", "pay", account="111122223333", region="eu-west-1")
    one.expect(full)
    nameless = one.encounter(1.0, Report(1.0, "q", "pay")).actor
    assert nameless == one.encounter(5.0, full).actor
    assert one.functions() == [FunctionKey("111122223333", "eu-west-1", "default", "pay")]


def test_a_run_without_its_account_is_of_the_one_function_of_its_name() -> None:
    assert whose(PAY).encounter(1.0, Run(make_flow([], function="pay"))).actor == PAY
    assert whose(PAY, FAR).encounter(1.0, Run(make_flow([], function="pay"))).actor == (
        FunctionKey("", "", "shop", "pay")
    )


def test_requests_are_forgotten_the_oldest_first() -> None:
    one = whose(PAY)
    for number in range(MOST_REQUESTS + 1):
        one.encounter(1.0, Report(1.0, f"r-{number}", "pay"))
    assert one.encounter(2.0, Access(2.0, "g", "r-0")).target is None
    assert one.encounter(2.0, Access(2.0, "g", "r-1")).target == PAY


def test_it_goes_on_from_a_snapshot() -> None:
    one = whose(PAY)
    one.encounter(1.0, Report(1.0, "r-1", "pay"))
    again = whose()
    again.restore(one.snapshot())
    assert again.encounter(2.0, Access(2.0, "g", "r-1")).target == PAY
    with pytest.raises(BundleError):
        again.restore({"whose": np.zeros(3, np.uint8)})


def test_of_names_that_are_made_up_only_so_many_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coldtrail.detectors.whose.MOST_FUNCTIONS", 3)
    one = whose(PAY)
    told = [one.encounter(1.0, Report(1.0, "r", f"f{n}")).actor for n in range(4)]
    assert [actor is not None for actor in told] == [True, True, False, False]
    assert one.left_out == 2
    assert one.encounter(2.0, Report(2.0, "r", "f0")).actor == told[0]
    assert one.encounter(2.0, Report(2.0, "r", "pay")).actor == PAY


def test_of_accounts_made_up_for_a_known_name_only_so_many_are_followed() -> None:
    one = whose(PAY)
    names = [f"arn:aws:lambda:eu-west-1:{number:012}:function:pay" for number in range(3 * MOST_OF_A_NAME)]
    told = [
        one.encounter(1.0, ApiCall("e", 1.0, "1", "eu-west-1", "Lambda", "Invoke", target=name)).target
        for name in names
    ]
    assert len({key for key in told if key is not None}) <= MOST_OF_A_NAME
    assert one.left_out >= 2 * MOST_OF_A_NAME
    assert one.encounter(2.0, Report(2.0, "r", "pay", account=PAY.account, region=PAY.region)).actor == PAY


def test_a_name_that_may_be_that_of_several_is_followed_as_it_is_told() -> None:
    other = PAY._replace(region="us-east-1")
    assert whose(PAY, other).encounter(1.0, Report(1.0, "r", "pay")).actor is not None


def test_names_of_sessions_take_the_places_of_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coldtrail.detectors.whose.MOST_CLAIMED", 2)
    one = whose(PAY)
    made = [
        one.encounter(1.0, call(session_function=f"made{number}", access_key=f"p-{number}")).actor
        for number in range(9)
    ]
    assert [actor is not None for actor in made] == [True, True, *[False] * 7]
    assert one.left_out == 7
    told = one.encounter(2.0, Report(2.0, "r", "new", account="111122223333", region="eu-west-1"))
    assert told.actor is not None
    again = whose(PAY)
    again.restore(one.snapshot())
    assert again.encounter(3.0, call(session_function="more", access_key="p-more")).actor is None
