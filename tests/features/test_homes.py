"""Where calls outside any invocation belong that name no account."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.features.homes import Homes, at_home
from coldtrail.records.facts import OUTSIDE
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


def test_invocations_and_what_names_an_account_stay() -> None:
    flows = [replace(CALL, facts=None), replace(CALL, account="444455556666")]
    assert list(Homes([HERE]).placed([*flows, lean(CALL)]))[:2] == flows
    assert Homes([HERE]).placed([lean(CALL)])[0].key == HERE
    assert Homes([HERE]).placed(flows) == flows
