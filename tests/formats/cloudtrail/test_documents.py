import json

import msgspec

from coldtrail.formats.cloudtrail.documents import Identity, Record
from tests.fixtures.witnesses import CLOUDTRAIL


def test_what_is_not_listed_does_not_enter() -> None:
    data = json.dumps(CLOUDTRAIL | {"errorMessage": "secret", "apiVersion": "secret"})
    record = msgspec.json.decode(data, type=Record)
    assert "secret" not in repr(record)
    identity = msgspec.json.decode(record.userIdentity, type=Identity)
    assert identity.inScopeOf is not None
