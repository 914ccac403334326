"""Whose credentials a call was made with, and whom to believe."""

from __future__ import annotations

import pytest

from coldtrail.detectors.credentials.owners import Owners
from coldtrail.detectors.credentials.states import Habits
from coldtrail.records.identity import FunctionKey
from coldtrail.records.witnesses import ApiCall
from tests.detectors.credentials.sessions import ACCOUNT, REGION, Made, call_of, given

PAY, SWEEP = Made("pay"), Made("sweep")


def whose(owners: Owners, call: ApiCall, actor: FunctionKey | None = None) -> str | None:
    found = owners.of(call, actor)
    return None if found is None else found.habits.key.function


def taken(owners: Owners, made: Made, key: str) -> None:
    call = given(made, 0.0, key).what
    assert isinstance(call, ApiCall)
    owners.take_given(call)


def test_a_key_that_the_platform_was_given_is_the_functions_whoever_uses_it() -> None:
    owners = Owners()
    taken(owners, PAY, "p-1")
    stolen = call_of(PAY, 1.0, "p-1", "p-far", environment=None, session=None)
    assert whose(owners, stolen) == "pay"
    assert whose(owners, call_of(PAY, 1.0, "p-2", "p-far", environment=None, session=None)) is None


def test_functions_that_the_audit_log_alone_names_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coldtrail.detectors.credentials.owners._MOST_FUNCTIONS", 3)
    owners = Owners()
    for number in range(9):
        taken(owners, Made(f"made{number}"), f"p-{number}")
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:told{number}"
        whose(owners, call_of(PAY, 1.0, f"p-b{number}", "p-far", credentials_of=arn))
    assert len(owners.state.functions) == 3


def test_what_the_record_says_counts() -> None:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:sweep:7"
    assert whose(Owners(), call_of(PAY, 1.0, "p-2", "p-far", credentials_of=arn)) == "sweep"


def test_the_application_is_filled_in_once_it_is_known() -> None:
    owners = Owners()
    taken(owners, PAY, "p-1")
    owners.of(call_of(PAY, 1.0, "p-1", "p-x"), PAY.key)
    assert [one.key for one in owners.state.functions] == [PAY.key]
    assert owners.number_of(PAY.key) == 0


def test_a_sessions_name_counts_in_the_functions_role_alone() -> None:
    owners = Owners()
    taken(owners, PAY, "p-1")
    inside = call_of(PAY, 1.0, "p-1", "p-x")
    owners.learn_session(inside, 0)
    assert whose(owners, call_of(PAY, 2.0, "p-9", "p-x", environment=None)) == "pay"
    other = call_of(PAY, 2.0, "p-8", "p-x", role="arn:aws:iam::1:role/other", environment=None)
    assert whose(owners, other) is None


def test_a_claimed_name_in_a_strange_role_is_believed_only_after_many_calls() -> None:
    owners = Owners()
    taken(owners, PAY, "p-1")
    told = [
        whose(owners, call_of(PAY, n, f"p-k{n}", "p-x", role="arn:aws:iam::1:role/b", session="s"), PAY.key)
        for n in range(25)
    ]
    assert told[0] is None
    assert told[-1] == "pay"


def test_a_session_of_two_functions_is_nobodys() -> None:
    owners = Owners()
    for made in (PAY, SWEEP):
        taken(owners, made, f"p-{made.name}")
    call = call_of(PAY, 1.0, "p-1", "p-x")
    owners.learn_session(call, 0)
    owners.learn_session(call, 1)
    assert whose(owners, call_of(PAY, 2.0, "p-9", "p-x", environment=None)) is None


def test_no_person_and_no_service_is_a_function() -> None:
    owners = Owners()
    taken(owners, PAY, "p-1")
    assert whose(owners, call_of(PAY, 1.0, "p-1", "p-x", principal_kind="IAMUser")) is None
    assert whose(owners, call_of(PAY, 1.0, None, "p-x")) is None  # type: ignore[arg-type]


def test_roles_and_keys_are_bounded() -> None:
    owners = Owners()
    for number in range(2_000):
        taken(owners, PAY, f"p-{number}")
        call = call_of(PAY, number, f"p-{number}", "p-x", session=f"s-{number}")
        owners.learn_session(call, 0)
    assert len(owners.state.keys) < 300
    assert len(owners.state.sessions) < 100
    assert isinstance(owners.state.functions[0], Habits)
    for number in range(500):
        owners.add_role(PAY.key, f"role-{number}")
    assert len(owners.state.roles) < 50
