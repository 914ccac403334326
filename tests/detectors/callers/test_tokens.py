from __future__ import annotations

from typing import Any

import msgspec
import pytest

from coldtrail.detectors.callers import sightings
from coldtrail.detectors.callers.tokens import token_of
from coldtrail.records.encounter import Encounter, Run
from coldtrail.records.flow import NOBODY
from coldtrail.records.identity import FunctionKey
from coldtrail.records.witnesses import Access, ApiCall
from coldtrail.testing import make_flow

PAY, ORDERS = FunctionKey("1", "r", "shop", "pay"), FunctionKey("1", "r", "shop", "orders")
INVOKE = ApiCall(
    "e", 0.0, "1", "r", "Lambda", "Invoke", principal="p", role="arn:r", source_ip="a", source_network="n",
    source_country="DE", user_agent="Boto3", invocation_type="synchronous",
)  # fmt: skip
FIELDS = msgspec.structs.fields(ApiCall)
SERVED = msgspec.structs.replace(INVOKE, source_service="states.amazonaws.com")
NAMELESS = msgspec.structs.replace(INVOKE, role=None, source_network=None)
IN_FUNCTION = msgspec.structs.replace(INVOKE, environment="AWS_Lambda_python3.13")


def of(what: ApiCall | Access | Run, actor: FunctionKey | None = None, target: Any = PAY) -> Encounter:
    return Encounter(0.0, what, actor, target)


def told_of(encounter: Encounter) -> object:
    """All by which such calls are judged and learned, by whatever else this is."""
    call = encounter.what
    assert isinstance(call, ApiCall)
    is_own = encounter.actor is not None
    target = encounter.target if sightings.is_invocation(call) else None
    invoked = target and (target, sightings.of_invocation(0.0, call, is_own).told)
    if is_own:
        return invoked
    return invoked, sightings.of_call(0.0, call).told, call.account, call.principal, call.role


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@pytest.mark.parametrize("base", [INVOKE, SERVED, NAMELESS, IN_FUNCTION])
@pytest.mark.parametrize("actor", [None, ORDERS])
def test_calls_with_the_same_token_tell_the_same(
    field: Any, base: ApiCall, actor: FunctionKey | None
) -> None:
    was = getattr(base, field.name)
    for value in [not was] if isinstance(was, bool) else ["other"] if field.required else [None, "other"]:
        one, other = of(base, actor), of(msgspec.structs.replace(base, **{field.name: value}), actor)
        if told_of(one) != told_of(other):
            assert token_of(one) != token_of(other)


def test_what_changes_with_each_call_is_no_part_of_it() -> None:
    again = msgspec.structs.replace(INVOKE, event_id="f", time=9.0, request_id="r", source_ip="b")
    assert token_of(of(again)) == token_of(of(INVOKE))
    elsewhere = msgspec.structs.replace(IN_FUNCTION, source_network="m", source_country="US", principal="q")
    assert token_of(of(elsewhere, ORDERS)) == token_of(of(IN_FUNCTION, ORDERS))
    assert token_of(of(elsewhere)) != token_of(of(IN_FUNCTION))


def test_functions_and_ways_to_reach_them_are_told_apart() -> None:
    access = Access(0.0, "g", "r", source_network="n", source_country="DE", user_agent="curl")
    run = Run(make_flow([], trigger="AWS::SQS orders"))
    tokens = {
        token_of(one)
        for one in (
            *(of(INVOKE), of(INVOKE, target=ORDERS), of(INVOKE, ORDERS), of(access), of(run)),
            of(access, target=ORDERS),
            of(msgspec.structs.replace(access, source_network=None, source_ip="n")),
            of(Run(make_flow([], trigger="AWS::SNS orders"))),
        )
    }
    assert None not in tokens
    assert len(tokens) == 8


def test_what_tells_of_nobody_has_none() -> None:
    listed = ApiCall("e", 0.0, "1", "r", "S3", "ListBuckets", principal="p")
    assert token_of(of(listed, ORDERS)) is None
    assert token_of(of(msgspec.structs.replace(listed, principal=None))) is None
    assert token_of(of(msgspec.structs.replace(INVOKE, dry_run=True), ORDERS)) is None
    assert token_of(of(INVOKE, ORDERS, None)) is None
    assert token_of(of(Access(0.0, "g"), target=None)) is None
    assert token_of(of(Run(make_flow([], trigger=NOBODY)))) is None
