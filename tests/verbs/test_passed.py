"""Verdicts as they pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Any

import msgspec
import pytest

from coldtrail.bundle.model import Model
from coldtrail.pipeline import Judged
from coldtrail.records.tally import Tally
from coldtrail.records.verdict import Verdict, VerdictKind
from coldtrail.testing import make_flow
from coldtrail.verbs import passed as passing
from coldtrail.verbs.earlier import Earlier
from coldtrail.verbs.passed import Passed, tell_of_gaps
from coldtrail.verbs.verdict_lines import VerdictLines


def _judged(flow_id: str, kind: VerdictKind = "normal", start: float = 5.0, **fields: Any) -> Judged:
    flow = make_flow([], flow_id=flow_id, start=start, **fields)
    ids = flow_id, flow.application_flow_id, "", "", "shop", "Order"
    return Judged(Verdict(*ids, start, kind, 0.0, 1.0, 1.0), flow)


@pytest.fixture
def lines() -> Iterator[VerdictLines]:
    with TemporaryFile() as file:
        yield VerdictLines(file)


def _written(lines: VerdictLines) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in lines.in_order()]


def test_verdicts_are_counted_and_leave_a_line(lines: VerdictLines) -> None:
    passed = Passed(lines, Earlier(), only_anomalous=False)
    assert passed.span is None
    passed.take([_judged("a", start=9.0), _judged("b", "anomalous"), _judged("c", upstream_lost=True)])
    assert passed.verdicts == Counter(normal=2, anomalous=1)
    assert (passed.span, passed.lost, len(passed.functions), passed.told_before) == ((5.0, 9.0), 1, 1, 0)
    assert [line["function_flow_id"] for line in _written(lines)] == ["b", "c", "a"]
    assert not any("revised" in line for line in _written(lines))


def test_only_what_is_asked_for_leaves_a_line_but_for_what_is_revised(lines: VerdictLines) -> None:
    first = Earlier()
    for judged in (_judged("same"), _judged("calm", "anomalous"), _judged("strange")):
        first.is_news(judged.verdict, is_final=False)
    earlier = Earlier()
    earlier.restore(first.snapshot())
    passed = Passed(lines, earlier, only_anomalous=True)
    passed.take([_judged("same"), _judged("calm"), _judged("strange", "anomalous"), _judged("new")])
    told = {line["function_flow_id"]: (line["verdict"], line.get("revised")) for line in _written(lines)}
    assert told == {"calm": ("normal", True), "strange": ("anomalous", True)}
    assert (passed.told_before, passed.verdicts.total()) == (1, 3)


def test_what_was_told_of_a_flow_that_is_none_is_taken_back_first(lines: VerdictLines) -> None:
    earlier = Earlier()
    told: list[tuple[str, VerdictKind]] = [
        ("ghost", "normal"),
        ("loud ghost", "anomalous"),
        ("same", "normal"),
    ]
    for flow_id, kind in told:
        earlier.is_news(_judged(flow_id, kind).verdict, is_final=False)
    state = earlier.snapshot()
    for only_anomalous, expected in ((False, ["ghost", "loud ghost"]), (True, ["loud ghost"])):
        earlier = Earlier()
        earlier.restore(state)
        with TemporaryFile() as file:
            passed = Passed(VerdictLines(file), earlier, only_anomalous=only_anomalous)
            passed.take([_judged("same"), _judged("new", "anomalous", start=-1e9)])
            passed.withdraw()
            *withdrawn, new = _written(passed.lines)
        assert [line["function_flow_id"] for line in withdrawn] == expected
        assert withdrawn[0] == {
            "function_flow_id": expected[0],
            "application_flow_id": _judged(expected[0]).verdict.application_flow_id,
            "account": "",
            "region": "",
            "application_name": "shop",
            "function_name": "Order",
            "withdrawn": True,
        }
        assert (new["function_flow_id"], passed.withdrawn) == ("new", 2)


def test_gaps_are_told_of_flows_and_not_of_none(model: Model, lines: VerdictLines) -> None:
    tally, passed = Tally(), Passed(lines, Earlier(), only_anomalous=False)
    tell_of_gaps(passed, model, tally)
    assert tally.sentences() == []
    passed.take([_judged("a", function="NeverMet", upstream_lost=True)])
    tell_of_gaps(passed, model, tally)
    assert set(tally.losses) == {"caller", "unknown application"}


def test_no_more_verdicts_are_held_at_once_than_are_judged_at_once(
    lines: VerdictLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "BATCH_FLOWS", 4)
    passed = Passed(lines, Earlier(), only_anomalous=False)
    ahead = []

    def coming() -> Iterator[Judged]:
        for number in range(40):
            ahead.append(number - passed.verdicts.total())
            yield _judged(f"{number}")

    passed.take(coming())
    assert passed.verdicts.total() == 40
    assert max(ahead) < 4


def test_records_that_were_never_closed_are_counted_by_function_and_told_where_they_are_many(
    lines: VerdictLines, model: Model
) -> None:
    passed = Passed(lines, Earlier(), only_anomalous=False)
    passed.take([_judged(f"n{i}") for i in range(90)])
    passed.take([_judged(f"o{i}", complete=False) for i in range(9)])
    tally = Tally()
    tell_of_gaps(passed, model, tally)
    assert passed.open == {make_flow([]).key: 9}
    assert "open records" not in tally.losses
    passed.add(_elsewhere(complete=False))
    assert passed.open.total() == 10
    tell_of_gaps(passed, model, tally)
    assert tally.losses["open records"] == 1
    assert "never closed, or lack parts (10 of 100 of Order)" in tally.examples["open records"].reason


def _elsewhere(**fields: Any) -> passing.PassedPart:
    with TemporaryFile() as file:
        passed = Passed(VerdictLines(file), Earlier(), only_anomalous=False)
        passed.take([_judged("elsewhere", **fields)])
        return passed.part()


def test_what_may_still_be_closed_is_not_told_to_be_open(lines: VerdictLines) -> None:
    passed = Passed(lines, Earlier(), only_anomalous=False)
    passed.take([_judged("a", complete=False)], is_final=False)
    assert passed.open.total() == 0
    assert passed.functions.total() == 1


def test_what_no_trace_tells_of_was_never_open(lines: VerdictLines, model: Model) -> None:
    passed, tally = Passed(lines, Earlier(), only_anomalous=False), Tally()
    alone: dict[str, Any] = {"complete": False, "upstream_lost": True, "witnesses": ("cloudtrail",)}
    passed.take([_judged(f"{number}", **alone) for number in range(40)])
    tell_of_gaps(passed, model, tally)
    assert not passed.open
    assert "open records" not in tally.losses
    passed.take(
        [_judged(f"t{number}", **alone | {"witnesses": ("cloudtrail", "xray")}) for number in range(40)]
    )
    assert passed.open.total() == 40
