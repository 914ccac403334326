"""Documents in, verdicts out: nothing stops, nothing is lost silently, and the counts add up."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from coldtrail import pipeline
from coldtrail.bundle.model import Model
from coldtrail.config import LimitSettings, Settings
from coldtrail.errors import DocumentError
from coldtrail.formats.native import NativeParser
from coldtrail.pipeline import flows_from, verdicts_from
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Fragment, Parsed
from coldtrail.testing import make_event, make_history
from tests.verbs.telemetry_files import native_lines


def documents(lines: list[bytes]) -> list[Document]:
    return [Document(line, "in.jsonl", f"line {number}") for number, line in enumerate(lines, 1)]


def test_bad_documents_are_counted_with_their_place_and_stop_nothing() -> None:
    good = native_lines(make_history(3))
    lines = [good[0], b"{", *good[1:], b'{"function_flow_id": 3}']
    tally = Tally()
    flows = list(flows_from(documents(lines), NativeParser(Settings()), LimitSettings(), tally))
    assert len(flows) == 3
    assert tally.counts["documents parsed"] == len(good)
    assert tally.counts["documents refused"] == tally.losses["document"] == 2
    assert tally.counts["flows assembled"] == 3
    assert tally.examples["document"].place == "line 2"


def test_problems_inside_a_document_are_lost_with_its_place() -> None:
    def parser(document: Document) -> Parsed:
        return Parsed(problems=["A part was left out.", "And another."], more_problems=7)

    tally = Tally()
    assert list(flows_from(documents([b"x"]), parser, LimitSettings(), tally)) == []
    assert tally.losses["part of a document"] == 9
    assert tally.sentences() == ["in.jsonl, line 1: A part was left out (and 8 more of this kind)."]


def test_only_document_errors_are_a_documents_fault() -> None:
    def parser(document: Document) -> Parsed:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(flows_from(documents([b"x"]), parser, LimitSettings(), Tally()))


def test_within_small_bounds_every_event_comes_out_or_is_counted() -> None:
    history = make_history(100)
    total = sum(len(flow.events) for flow in history)
    for bound in (10, 50, 1_000):
        tally = Tally()
        limits = LimitSettings(max_open_events=bound)
        flows = list(flows_from(documents(native_lines(history)), NativeParser(Settings()), limits, tally))
        assert len(flows) == tally.counts["flows assembled"] == 100
        assert sum(len(flow.events) for flow in flows) + tally.losses["late"] == total


def test_flows_come_out_while_documents_still_go_in() -> None:
    """Otherwise a stream without end would never be judged."""

    def endless() -> itertools.count[int]:
        return itertools.count()

    def parser(document: Document) -> Parsed:
        name = document.place
        return Parsed([Fragment("shop", name, "Order", name, (make_event(),))])

    stream = (Document(b"", "stream", f"t{number}") for number in endless())
    flows = flows_from(stream, parser, LimitSettings(max_open_events=100), Tally())
    assert len(list(itertools.islice(flows, 1_000))) == 1_000


def test_every_flow_gets_one_verdict_in_order_and_is_counted(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "BATCH_FLOWS", 7)
    flows = make_history(30, seed=5, prefix="t") + make_history(3, function="NeverMet", prefix="n")
    tally = Tally()
    pairs = list(verdicts_from(iter(flows), model, tally))
    assert [flow for _, flow in pairs] == flows
    assert all(verdict.function_flow_id == flow.function_flow_id for verdict, flow in pairs)
    kinds = Counter(verdict.verdict for verdict, _ in pairs)
    assert kinds["not_ready"] == 3
    assert {kind: tally.counts[kind] for kind in kinds} == dict(kinds)
    assert tally.counts["flows scored"] == len(flows)


def test_batches_do_not_change_verdicts(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    flows = make_history(40, seed=5, prefix="t")
    whole = list(verdicts_from(flows, model, Tally()))
    monkeypatch.setattr(pipeline, "BATCH_FLOWS", 3)
    assert list(verdicts_from(flows, model, Tally())) == whole


def test_a_parser_that_refuses_everything_gives_no_flow() -> None:
    def parser(document: Document) -> Parsed:
        raise DocumentError("This is no telemetry.")

    tally = Tally()
    assert list(flows_from(documents([b"a", b"b"]), parser, LimitSettings(), tally)) == []
    assert tally.sentences() == ["in.jsonl, line 1: This is no telemetry (and 1 more of this kind)."]
