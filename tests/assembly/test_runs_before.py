"""What is remembered of the runs of closed traces."""

from __future__ import annotations

import pytest

from coldtrail.assembly import runs_before as module
from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.assembly.runs_before import Again, RunsBefore
from coldtrail.assembly.trace import Trace
from coldtrail.config import Settings
from coldtrail.errors import BundleError
from coldtrail.records.flow import Event, Flow
from coldtrail.records.stage import packed
from coldtrail.records.tally import Tally
from coldtrail.testing import START, make_event


def step(name: str) -> Event:
    return make_event(event_id=name, start_time=START, end_time=START + 1, event_name=f"Get{name}")


def flow(flow_id: str, *steps: str, witness: str = "xray", **told: object) -> Flow:
    some = tuple(map(step, steps))
    depths, times = (1,) * len(some), (1.0,) * len(some)
    fields = {"function_name": "Order", "start_time": START, "request_id": None} | told
    head = "shop", "t", fields.pop("function_name"), flow_id, fields.pop("start_time"), START + 9
    return Flow(*head, some, depths, times, 0.0, witnesses=(witness,), **fields)  # type: ignore[arg-type]


def after(*flows: Flow) -> RunsBefore:
    before = RunsBefore()
    before.close("t", Trace("t"), flows)
    other = RunsBefore()
    other.restore(before.snapshot())
    return other


@pytest.mark.parametrize(
    ("later", "parent", "what"),
    [
        (flow("r", "a", "b"), None, (Again.REPEAT, 0)),
        (flow("r", "a"), None, (Again.REPEAT, 0)),
        (flow("r", "a", "b", "c"), None, (Again.MORE, 1)),
        (flow("r", "a", "c", "d"), None, (Again.LATE, 2)),
        (flow("r", "a", error=True), None, (Again.LATE, 1)),
        (flow("r", "a", "b", error=True), None, (Again.MORE, 0)),
        (flow("s", "a", "b"), None, (Again.NEW, 0)),
        (flow("s", "a", "b"), "r", (Again.REPEAT, 0)),
        (flow("s", "a", "b", function_name="Pay"), "r", (Again.NEW, 0)),
        (flow("s", "a", "b", request_id="q", witness="otlp"), None, (Again.REPEAT, 0)),
        (flow("s", "a", "b", request_id="q", start_time=START + 60, witness="otlp"), None, (Again.NEW, 0)),
        (flow("s", "a", "b", request_id="q", start_time=START + 60), None, (Again.NEW, 0)),
        (flow("s", "a", "b", start_time=START + 0.0009, witness="otlp"), None, (Again.REPEAT, 0)),
        (flow("s", "a", "b", start_time=START + 0.1, witness="otlp"), None, (Again.NEW, 0)),
        (flow("s", "a", "z", witness="otlp"), None, (Again.LATE, 1)),
    ],
)
def test_what_comes_of_a_run_again(later: Flow, parent: str | None, what: tuple[Again, int]) -> None:
    before = after(flow("r", "a", "b", request_id="q"))
    assert before.again("t", later, [parent]) == what
    assert before.again("another", later, [parent]) == (Again.NEW, 0)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1_000)
    before = RunsBefore()
    for number in range(50):
        before.close(f"t{number}", Trace(f"t{number}"), [flow("r", "a", "b")])
        assert before._bytes == sum(map(len, before._told.values())) <= 1_000
    assert before.again("t49", flow("r", "a"), [])[0] is Again.REPEAT
    assert before.again("t0", flow("r", "a"), [])[0] is Again.NEW


def test_a_state_of_before_is_gone_on_from_and_a_damaged_one_refused() -> None:
    state = FlowAssembler(Settings(), Tally()).snapshot()
    FlowAssembler(Settings(), Tally()).restore({name: state[name] for name in state if name != "runs_before"})
    with pytest.raises(BundleError, match="damaged"):
        FlowAssembler(Settings(), Tally()).restore(state | {"runs_before": packed({"t": b"12345"})})
