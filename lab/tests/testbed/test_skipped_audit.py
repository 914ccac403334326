"""Where the audit entry is missing, and where nothing was left out."""

import pytest

from coldtrail_testbed.attacks.model import Place
from coldtrail_testbed.attacks.skipped_audit import ATTACK
from coldtrail_testbed.flows import Call, Flow


@pytest.mark.parametrize(("failed", "located"), [(False, ["c1"]), (True, [])])
def test_a_run_that_failed_left_nothing_out(failed: bool, located: list[str]) -> None:
    calls = (Call("c0", "ssm", "GetParameter", None), Call("c1", "dynamodb", "UpdateItem", "Payment"))
    place = ATTACK.places["airline"]
    assert isinstance(place, Place)
    assert list(place.locate(Flow("f", "CapturePayment", "i", calls, 4, failed=failed))) == located
