"""Documents to flows: what is refused is counted, and the event time follows what documents tell."""

from __future__ import annotations

from coldtrail.assembly.assembling import Assembling, Parsing
from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.records.flow import Event
from coldtrail.records.tally import PART, Tally
from coldtrail.records.telemetry import Document, Link, Observations, Span

STEP = Event("e1", 50.0, 51.0, "GetItem", "DynamoDB")


def parsed(document: Document) -> Observations:
    if document.payload == b"broken":
        raise DocumentError("This is broken.")
    start = float(document.payload)
    trace = f"t{document.place}"
    if not start:
        return Observations([Span(trace, "f", function_name="pay", steps=(STEP,))])
    link = Link(trace, "l", None, "hop", "AWS::Lambda", "F", start - 1.0)
    span = Span(trace, "f", function_name="pay", start_time=start, end_time=start + 1.0)
    return Observations([span], [link], problems=["A part is lost."])


def documents(*payloads: bytes) -> list[Document]:
    return [Document(payload, "file", str(place)) for place, payload in enumerate(payloads)]


def test_what_is_refused_is_counted_and_stops_nothing() -> None:
    tally = Tally()
    assembling = Assembling(parsed, Settings(), tally)
    assert assembling.push(documents(b"10", b"broken", b"30")) == []
    assert [flow.start_time for flow in assembling.drain()] == [10.0, 30.0]
    assert (tally.counts["documents parsed"], tally.counts["documents refused"]) == (2, 1)
    assert tally.losses == {"document": 1, f"{PART}A part is lost.": 2}
    assert Parsing(parsed, tally).of(documents(b"broken")[0]) is None


def test_the_event_time_is_the_latest_of_the_first_starts_that_documents_tell() -> None:
    assembling = Assembling(parsed, Settings(), Tally())
    assembling.push(documents(b"100", b"30", b"0"))
    assert assembling.now == 99.0
    only_steps = Assembling(parsed, Settings(), Tally())
    only_steps.push(documents(b"0"))
    assert only_steps.now == 50.0


def test_it_goes_on_from_a_snapshot() -> None:
    first, second = (Assembling(parsed, Settings(), Tally()) for _ in range(2))
    first.push(documents(b"100"))
    second.restore(first.snapshot())
    assert second.now == 99.0
    assert list(second.drain()) == list(first.drain())
