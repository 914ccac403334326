"""Who takes on a function's role besides the platform is told the first time."""

from __future__ import annotations

from typing import Any

from coldtrail.detectors.credentials.assuming import signal_of_assuming
from coldtrail.detectors.credentials.owners import Owners
from coldtrail.detectors.credentials.states import Pool
from coldtrail.records.signal import Signal
from coldtrail.records.witnesses import ApiCall
from tests.detectors.credentials.sessions import ACCOUNT, REGION, Made, given

PAY = Made("pay", role="shared")
SWEEP = Made("sweep", role="shared")


def owners() -> Owners:
    found = Owners()
    for made in (PAY, SWEEP):
        call = given(made, 0.0, f"p-{made.name}").what
        assert isinstance(call, ApiCall)
        found.take_given(call)
    return found


def assume(whose: Owners, who: str, **more: Any) -> Signal | None:
    plain = {
        "target": PAY.role_arn,
        "issued_role": PAY.role_arn,
        "principal": who,
        "issued_key": "p-k",
    } | more
    call = ApiCall("e-1", 9.0, ACCOUNT, REGION, "STS", "AssumeRole", **plain)
    return signal_of_assuming(call, 9.0, whose, Pool())


def test_the_first_time_is_told_with_all_functions_of_the_role() -> None:
    whose = owners()
    found = assume(whose, "p-person")
    assert found is not None
    assert (found.finding.kind, found.alone, found.principals) == ("role_assumed", False, ("p-person",))
    assert [one[3] for one in found.functions] == ["sweep"]
    assert assume(whose, "p-person") is None


def test_an_attempt_that_was_denied_is_told_and_other_failures_are_not() -> None:
    assert assume(owners(), "p-person", issued_role=None, issued_key=None, error_code="AccessDenied")
    assert assume(owners(), "p-person", issued_key=None, error_code="ThrottlingException") is None


def test_other_roles_and_the_platform_are_nobodys_business() -> None:
    assert assume(owners(), "p-person", issued_role="arn:aws:iam::1:role/other") is None
    assert assume(owners(), "p-person", invoked_by="lambda.amazonaws.com") is None
