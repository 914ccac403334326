"""Where calls outside any invocation, and runs of reports alone, belong that name no account or region."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.features import homes
from coldtrail.features.homes import Homes, at_home
from coldtrail.records.facts import OUTSIDE, Facts
from coldtrail.records.identity import FunctionKey
from coldtrail.testing import make_flow
from tests.features.test_lean import lean

CALL = replace(make_flow([]), facts=OUTSIDE, account=None, region="eu-west-1")
APPLICATION, NAME = CALL.key.application, CALL.key.function
HERE = FunctionKey("111122223333", "eu-west-1", APPLICATION, NAME)
NOWHERE = CALL.key


@pytest.mark.parametrize(
    ("known", "home"),
    [
        ([HERE], HERE),
        ([HERE, HERE._replace(region="us-east-1"), HERE._replace(function="Mail")], HERE),
        ([HERE, HERE._replace(account="444455556666")], NOWHERE),
        ([HERE._replace(region="us-east-1")], NOWHERE),
        ([HERE._replace(application="other")], NOWHERE),
        ([HERE, NOWHERE], NOWHERE),
        ([], NOWHERE),
    ],
)
def test_it_is_of_the_one_function_of_its_name(known: list[FunctionKey], home: FunctionKey) -> None:
    (placed,) = Homes(known).placed([CALL])
    assert placed.key == home


def test_they_come_last_where_all_flows_pass() -> None:
    run = replace(CALL, facts=None, account=HERE.account)
    assert [one.key for one in at_home([CALL, run])] == [HERE, HERE]
    assert list(at_home([CALL])) == [CALL]


REPORTED = replace(make_flow([]), facts=Facts(), witnesses=("lambda-report",), region=None)


@pytest.mark.parametrize(
    ("account", "region", "known", "home"),
    [
        (None, None, [HERE], HERE),
        (HERE.account, None, [HERE, HERE._replace(account="444455556666")], HERE),
        (None, HERE.region, [HERE, HERE._replace(region="us-east-1")], HERE),
        (None, None, [HERE, HERE._replace(account="444455556666")], NOWHERE._replace(region="")),
        ("444455556666", None, [HERE], HERE._replace(account="444455556666", region="")),
        ("444455556666", HERE.region, [HERE], HERE._replace(account="444455556666")),
    ],
)
def test_runs_that_reports_alone_tell_of_are_too(
    account: str | None, region: str | None, known: list[FunctionKey], home: FunctionKey
) -> None:
    flow = replace(REPORTED, account=account, region=region)
    (placed,) = Homes(known).placed([flow])
    assert placed.key == home
    traced = replace(flow, witnesses=("lambda-report", "xray"))
    assert Homes(known).placed([traced]) == [traced]


def test_many_that_wait_come_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "MOST_WAITING", 3)
    run = replace(CALL, facts=None, account=HERE.account)
    some = [replace(REPORTED, account=None, function_flow_id=f"r{number}") for number in range(8)]
    found = list(at_home([lean(CALL), *some, run]))
    assert found[0] == run
    assert [one.function_flow_id for one in found[2:]] == [one.function_flow_id for one in some]
    assert {one.key for one in found} == {HERE}
    assert found[2:] == [replace(one, account=HERE.account, region=HERE.region) for one in some]


def test_invocations_and_what_names_an_account_stay() -> None:
    flows = [replace(CALL, facts=None), replace(CALL, account="444455556666")]
    assert list(Homes([HERE]).placed([*flows, lean(CALL)]))[:2] == flows
    assert Homes([HERE]).placed([lean(CALL)])[0].key == HERE
    assert Homes([HERE]).placed(flows) == flows
