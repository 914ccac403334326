import msgspec

from coldtrail.formats.cloudtrail.documents import Record
from tests.fixtures.witnesses import CLOUDTRAIL


def test_what_is_not_listed_does_not_enter() -> None:
    record = msgspec.convert(CLOUDTRAIL | {"errorMessage": "secret", "apiVersion": "secret"}, Record)
    assert "secret" not in repr(record)
    assert record.userIdentity is not None
    assert record.userIdentity.inScopeOf is not None
