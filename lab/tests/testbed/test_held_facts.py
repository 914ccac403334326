from typing import Any, cast

from coldtrail_testbed.facts import Call, Caller, Facts
from coldtrail_testbed.held_facts import HeldFacts

_USER = Caller("user", "u", "203.0.113.1", "agent")


def _call(name: str, trace_id: str | None) -> Call:
    return Call(1.0, "s3", name, _USER, "r", trace_id=trace_id)


def _fact(trace_id: str) -> Any:
    return cast(Any, _call("fact", trace_id))


def test_facts_wait_for_their_trace() -> None:
    held = HeldFacts()
    first = Facts(calls=[_call("a", "open"), _call("b", "done"), _call("c", None)])
    assert [call.operation for call in held.release(first, lambda root: root == "open").calls] == ["c", "b"]
    second = Facts(calls=[_call("d", "open")])
    assert [call.operation for call in held.release(second, lambda _root: False).calls] == ["a", "d"]
    assert held.release(Facts(), lambda _root: False) == Facts()


def test_every_kind_of_fact_waits() -> None:
    held = HeldFacts()
    facts = Facts(runs=[_fact("t")], requests=[_fact("t")])
    assert held.release(facts, lambda _root: True) == Facts()
    assert held.release(Facts(), lambda _root: False) == facts
