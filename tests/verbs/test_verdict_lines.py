"""Lines of the verdict file."""

from __future__ import annotations

from tempfile import TemporaryFile

import msgspec

from coldtrail.records.verdict import Verdict
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
