"""Lines of the verdict file."""

from __future__ import annotations

from tempfile import TemporaryFile

import msgspec
from msgspec.structs import replace

from coldtrail.records.finding import Finding, Subject
from coldtrail.records.verdict import Reason, Verdict
from coldtrail.verbs.verdict_lines import VerdictLines


def _verdict(flow_id: str, start: float) -> Verdict:
    return Verdict(flow_id, "trace", "", "", "shop", "Order", start, "normal", 0.0, 1.0, 1.0)


def test_lines_come_by_start_and_where_they_start_together_by_id() -> None:
    with TemporaryFile() as scratch:
        lines = VerdictLines(scratch)
        assert list(lines.in_order()) == []
        for flow_id, start in (("c", 2.0), ("b", 2.0), ("a", 3.0), ("d", 1.0)):
            lines.add(_verdict(flow_id, start))
        found = [msgspec.json.decode(line, type=Verdict) for line in lines.in_order()]
    assert [one.function_flow_id for one in found] == ["d", "b", "c", "a"]
    assert found[0] == _verdict("d", 1.0)


def test_many_verdicts_at_once_leave_the_lines_of_each() -> None:
    reason = Reason(
        Finding("new_resource", Subject("", "", "shop", "Order")), "e1", "GetItem", "a\nb\r\u2028"
    )
    verdicts = [_verdict("c\nd", 2.0), replace(_verdict("a", 1.0), reasons=(reason,)), _verdict("b", 1.0)]
    with TemporaryFile() as one, TemporaryFile() as other:
        single, many = VerdictLines(one), VerdictLines(other)
        for verdict in verdicts:
            single.add(verdict)
        many.add_all(verdicts)
        assert list(many.in_order()) == list(single.in_order())
