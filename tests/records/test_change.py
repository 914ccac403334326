import msgspec

from coldtrail.records.change import Change
from coldtrail.records.witnesses import Change as OfWitnesses


def test_it_goes_through_bytes_unchanged_and_lacks_what_older_bytes_lack() -> None:
    assert OfWitnesses is Change
    change = Change("e", 1.0, "1", "r", "pay", "AddPermission", sets=("code",), lets_in=("*",))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(change), type=Change) == change
    older = {
        "event_id": "e",
        "time": 1.0,
        "account": "1",
        "region": "r",
        "function_name": "f",
        "operation": "X",
    }
    assert msgspec.json.decode(msgspec.json.encode(older), type=Change).effects == ()
