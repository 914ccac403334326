"""How much comes out of functions' own logs."""

from __future__ import annotations

from coldtrail.records.telemetry import Document, Observations, Span
from coldtrail.records.witnesses import Report
from coldtrail.verbs.coverage.cost import Volume
from coldtrail.verbs.coverage.logs import WeighingLogs

REPORT = Report(1.0, "r", "Order")


def test_documents_of_reports_alone_are_weighed() -> None:
    said = {
        b"report": Observations(reports=(REPORT,)),
        b"a span": Observations(spans=[Span("t", "s")]),
        b"both of them": Observations(spans=[Span("t", "s")], reports=(REPORT,)),
    }
    volume = Volume()
    parser = WeighingLogs(lambda document: said[document.payload], volume)
    for payload, expected in said.items():
        assert parser(Document(payload, "a.log")) is expected
    assert volume.log_bytes == len(b"report")
    assert parser.straight(Document(b"report", "a.log")) is said[b"report"]
    assert volume.log_bytes == 2 * len(b"report")
