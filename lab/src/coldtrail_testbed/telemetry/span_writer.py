"""A writer of spans: it joins each trace with the runs of its functions."""

from pathlib import Path

from coldtrail_testbed.cloud.traces import Document
from coldtrail_testbed.facts import Facts, FunctionRun
from coldtrail_testbed.telemetry.model import Writer
from coldtrail_testbed.telemetry.spans import Span, spans_of


class SpanWriter(Writer):
    """Keeps a run until its trace has come; runs that come after their trace add nothing to it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._runs: dict[str, FunctionRun] = {}

    def facts(self, facts: Facts) -> None:
        """None; the runs wait for their traces."""
        self._runs.update((run.flow_id, run) for run in facts.runs)

    def trace(self, trace: Document) -> None:
        """None; the spans of the trace are written."""
        self._write(spans_of(trace, self._runs))
        for segment in trace["segments"]:
            self._runs.pop(segment["id"], None)

    def _write(self, spans: list[Span]) -> None:
        """None; a format writes the spans of one trace."""
        raise NotImplementedError
