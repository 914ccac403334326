import json

import pytest

from coldtrail.errors import DocumentError
from coldtrail.formats.cloudtrail.callers import Callers
from tests.fixtures.witnesses import CLOUDTRAIL
from tests.formats.cloudtrail.test_parser import KEY

RAW = json.dumps(CLOUDTRAIL["userIdentity"]).encode()


def test_what_one_set_of_credentials_did_is_of_one_caller() -> None:
    callers = Callers(KEY)
    assert callers.of(RAW, []) is callers.of(bytes(RAW), [])


def test_a_session_is_known_by_its_principal_where_there_is_no_arn() -> None:
    caller = Callers(KEY).of(b'{"type":"AssumedRole","principalId":"AROA:pay"}', [])
    assert (caller.session, caller.session_name, caller.principal) == (KEY["pay"], "pay", KEY["AROA:pay"])
    assert Callers(KEY).of(b'{"type":"IAMUser","principalId":"AIDA:x"}', []).session is None


def test_a_bad_part_is_told_each_time() -> None:
    callers = Callers(KEY)
    for _ in range(2):
        problems: list[str] = []
        assert callers.of(b'{"type":"Root","accountId":5}', problems).principal_kind == "Root"
        assert len(problems) == 1
    with pytest.raises(DocumentError):
        callers.of(b"[]", [])


def test_callers_are_bounded() -> None:
    callers = Callers(KEY)
    for number in range(20_010):
        callers.of(b'{"accountId":"%d"}' % number, [])
    assert len(callers._known) <= 20_000
