"""What was counted of minutes in several places."""

from __future__ import annotations

from math import inf
from random import Random

import msgspec

from coldtrail.assembly.minutes import Minutes
from coldtrail.assembly.windows import Windows
from coldtrail.config import Settings
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow


def flows(number: int = 60) -> list[Flow]:
    random = Random(1)
    return [
        make_flow(
            [("GetItem", "DynamoDB", "Stock", 0.25)],
            flow_id=f"f{n:03d}",
            function=random.choice(["pay", "ship"]),
            start=1_700_000_000.0 + random.randrange(300),
            caller=random.choice(["shop", "till"]),
            error=random.random() < 0.2,
        )
        for n in range(number)
    ]


def test_flows_that_are_counted_in_parts_give_the_windows_of_all() -> None:
    whole, together = Windows(Settings()), Windows(Settings())
    some = flows()
    whole.push(some)
    for part in (some[::2], some[1::2]):
        one = Windows(Settings())
        one.push(part)
        sent = msgspec.msgpack.encode(one.counted())
        together.add(msgspec.msgpack.decode(sent, type=Minutes))
    expected = whole.advance(inf)
    assert together.advance(inf) == expected
    assert sum(one.invocations for one in expected) == len(some)
    assert {name for one in expected for name, _ in one.callers} == {"shop", "till"}
