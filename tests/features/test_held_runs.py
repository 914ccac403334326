from array import array

import msgspec
import pytest

from coldtrail.features.held_runs import HeldRun, held_run, released_run
from coldtrail.records.columns import Columns, LeanFlow, Shape, ToldStep
from coldtrail.records.facts import Facts
from coldtrail.records.identity import FunctionKey

SHAPE = Shape((ToldStep("GetItem", "DynamoDB", None, "Orders", 1),))
FLOW = LeanFlow(
    FunctionKey("111122223333", "eu-west-1", "shop", "Order"),
    "trace",
    "run",
    1.5,
    2.5,
    Columns(SHAPE, array("d", [1.75]), array("d", [2.25]), "step"),
    cold_start=True,
    error=False,
    complete=True,
    trigger="AWS::SQS orders",
    caller="Cart",
    version="7",
    request_id="3f1a",
    upstream_lost=True,
    witnesses=("lambda-report", "xray"),
    facts=Facts(memory_used_mb=81.0),
)


@pytest.mark.parametrize("other", [{}, {"facts": None, "caller": None, "error": True, "complete": False}])
def test_a_flow_is_what_it_was_after_its_way_through_bytes(other: dict[str, object]) -> None:
    flow = msgspec.structs.replace(FLOW, **other)
    held = msgspec.msgpack.decode(msgspec.msgpack.encode(held_run(flow, 3)), type=HeldRun)
    assert held.shape == 3
    assert released_run(held, SHAPE) == flow
