"""The writer of spans joins traces with runs."""

from pathlib import Path
from typing import Any

from coldtrail_testbed.facts import Facts
from coldtrail_testbed.telemetry.span_writer import SpanWriter
from coldtrail_testbed.telemetry.spans import Span


class _Kept(SpanWriter):
    name = "kept"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.spans: list[Span] = []

    def _write(self, spans: list[Span]) -> None:
        self.spans += spans

    @property
    def waiting(self) -> int:
        """The runs whose traces have not come."""
        return len(self._runs)


def test_runs_wait_for_their_traces_and_no_longer(
    tmp_path: Path, facts: Facts, traces: list[dict[str, Any]]
) -> None:
    writer = _Kept(tmp_path)
    writer.facts(facts)
    assert writer.waiting == 2
    for trace in traces:
        writer.trace(trace)
    assert writer.waiting == 0
    functions = [span for span in writer.spans if span.resource.is_function and span.kind == "SERVER"]
    assert [span.attributes["faas.trigger"] for span in functions] == ["http", "pubsub"]
