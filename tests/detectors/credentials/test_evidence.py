"""Points of single calls."""

from __future__ import annotations

import pytest

from coldtrail.detectors.credentials.evidence import Evidence, evidence_of, signs_of, summed
from coldtrail.detectors.credentials.owners import Owned
from coldtrail.detectors.credentials.states import AccessKey, Habits, Pool
from coldtrail.features.recent import mark
from coldtrail.records.witnesses import ApiCall
from tests.detectors.credentials.sessions import ACCOUNT, PYTHON, Made, call_of

PAY = Made("pay")
AGENT = f"Boto3|{PYTHON}"


def owned(calls: int = 10, **fields: object) -> Owned:
    habits = Habits(
        PAY.key,
        True,
        calls=500,
        keys=40,
        agents={AGENT: 500},
        operations={mark("DynamoDB", "GetItem", ""): 500},
    )
    key = AccessKey(
        0, 1, calls, places=[mark("p-home")] if calls else [], agents=[mark(AGENT)] if calls else []
    )
    for name, value in fields.items():
        setattr(habits if hasattr(habits, name) and name != "calls" else key, name, value)
    return Owned(0, habits, key, not calls)


def evidence(whose: Owned, call: ApiCall, at: float = 0.0) -> Evidence:
    return evidence_of(whose, call, signs_of(call), at, Pool(keys=400, calls=5_000), {})


def test_a_usual_call_is_none() -> None:
    assert evidence(owned(), call_of(PAY, 0.0, "k", "p-home")) == Evidence()


def test_each_sort_is_seen_by_itself() -> None:
    assert evidence(owned(), call_of(PAY, 0.0, "k", "p-far")).place > 2.5
    assert evidence(owned(), call_of(PAY, 0.0, "k", "p-home", environment=None)).agent > 3.0
    told = evidence(owned(), call_of(PAY, 0.0, "k", "p-home", service="STS", operation="GetCallerIdentity"))
    assert told.operation == 2.5
    assert not told.is_outside
    ended = owned()
    ended.access_key.ended = 100.0
    assert evidence(ended, call_of(PAY, 130.0, "k", "p-home"), 130.0).other == 0.0
    assert evidence(ended, call_of(PAY, 200.0, "k", "p-home"), 200.0).other == 4.0


def test_where_keys_move_often_a_new_address_is_little() -> None:
    assert evidence(owned(moved=20), call_of(PAY, 0.0, "k", "p-far")).place < 0.5


def test_a_place_where_credentials_began_is_inside() -> None:
    call = call_of(PAY, 0.0, "k", "p-nat")
    begun = {mark("p-nat"): 1}
    assert evidence_of(owned(), call, signs_of(call), 0.0, Pool(keys=400), begun).place == 0.0


def test_a_release_halves_what_a_new_version_may_bring() -> None:
    call = call_of(PAY, 10.0, "k", "p-new", user_agent="aws-sdk-js", service="SQS", operation="SendMessage")
    before, after = evidence(owned(0), call, 10.0), evidence(owned(0, released=5.0), call, 10.0)
    assert after.agent == before.agent / 2 > 0
    assert after.operation == before.operation / 2 > 0


def test_an_endpoint_and_an_address_are_different_places() -> None:
    inner = call_of(PAY, 0.0, "k", "p-10", vpc_endpoint="vpce-1", vpc_endpoint_account=ACCOUNT)
    assert evidence(owned(), inner).place <= 2.0
    foreign = call_of(PAY, 0.0, "k", "p-10", vpc_endpoint="vpce-1", vpc_endpoint_account="9" * 12)
    assert evidence(owned(), foreign).other == 4.0


def test_a_signed_link_tells_neither_place_nor_program() -> None:
    link = call_of(PAY, 0.0, "k", "p-far", presigned=True, user_agent="browser", environment=None)
    assert not evidence(owned(), link).is_outside


@pytest.mark.parametrize(
    ("operations", "points"), [([0.9] * 9, 1.4), ([2.5, 2.5], 4.0), ([2.5], 2.5), ([2.5, 0.9], 3.4)]
)
def test_only_telling_operations_add_up(operations: list[float], points: float) -> None:
    assert summed(dict(enumerate(operations))) == pytest.approx(points)
