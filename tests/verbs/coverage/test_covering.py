"""What is here of each function and what is not, from files on."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.config import Settings
from coldtrail.records.telemetry import Observations
from coldtrail.records.witnesses import ApiCall, Metric, Report
from coldtrail.testing import make_flow, make_history
from coldtrail.verbs.coverage.covering import Covered, Covering
from coldtrail.verbs.inspecting import inspect
from tests.fixtures.telemetry import TraceBuilder, payload_of
from tests.verbs.telemetry_files import GET, write_native, write_xray
from tests.verbs.test_expecting import write_all
from tests.verbs.test_flowing import xray_trace

START = 1_795_000_000.0
PLACE: dict[str, Any] = {"account": "111122223333", "region": "eu-west-1"}


def row(found: list[Covered], name: str) -> Covered:
    (one,) = [one for one in found if one.function_name == name]
    return one


def test_the_witnesses_of_a_function_are_told_with_what_only_some_show(tmp_path: Path) -> None:
    found = inspect(write_all(tmp_path / "in"))
    order = row(found.coverage, "Order")
    assert order.witnesses == {"cloudtrail": 1, "lambda-report": 1, "xray": 1}
    assert order.unseen == {"GetObject of S3": 1}
    assert [one.part for one in order.remedies] == ["calls"]
    assert order.score == int(30 + 25 / 2 + 15 + 15 + 15)
    assert (found.accounts, found.regions) == (["111122223333"], ["eu-west-1"])


def test_every_flow_is_told_of_by_some_format(tmp_path: Path) -> None:
    found = inspect(write_xray(tmp_path / "a.jsonl", 12))
    assert sum(one.flows for one in found.coverage) == found.flows
    assert sum(sum(one.callers.values()) for one in found.coverage) == found.flows
    assert all(one.witnesses == {"xray": one.flows} for one in found.coverage)
    assert not any("told again" in oddity for oddity in found.oddities)


def test_nothing_odd_is_told_where_nothing_is(tmp_path: Path) -> None:
    assert inspect(write_native(tmp_path / "a.jsonl", make_history(20))).oddities == []


def test_a_function_that_is_billed_but_never_traces_is_told(tmp_path: Path) -> None:
    line = {**PLACE, "application_name": "shop", "function_name": "Charge", "start_time": START}
    (tmp_path / "m.jsonl").write_text(json.dumps({**line, "period_s": 60, "invocations": 12}) + "\n")
    (tmp_path / "t.json").write_text(json.dumps(xray_trace()))
    charge = row(inspect(tmp_path).coverage, "Charge")
    assert (charge.score, charge.flows, charge.invocations, charge.counted_by) == (0, 0, 12.0, "metrics")
    assert charge.sampling_rate == 0.0
    (remedy,) = charge.remedies
    assert remedy.command is not None
    assert "--function-name Charge --tracing-config Mode=Active" in remedy.command


def test_a_function_that_is_invoked_without_a_record_is_told_by_its_bare_name(tmp_path: Path) -> None:
    trace = TraceBuilder(1).trace("shop-prod-pay")
    kept = [one for one in trace["Segments"] if one["Document"]["origin"] != "AWS::Lambda::Function"]
    (tmp_path / "a.json").write_bytes(payload_of({**trace, "Segments": kept}))
    (one,) = inspect(tmp_path).coverage
    assert (one.function_name, one.score, one.invocations) == ("shop-prod-pay", 0, None)
    assert [remedy.part for remedy in one.remedies] == ["traced"]


def test_the_share_that_is_traced_is_that_of_the_minutes_that_are_counted() -> None:
    covering = Covering(Settings())
    covering.add(make_flow([GET], start=START, witnesses=("xray",), **PLACE))
    covering.add(make_flow([GET], flow_id="later", start=START + 600, witnesses=("xray",), **PLACE))
    minute = START - START % 60
    metric = Metric(minute, 60.0, "Order", application_name="shop", invocations=20.0, **PLACE)
    covering.watch(Observations(metrics=(metric,)))
    (one,) = covering.table(())
    assert (one.invocations, one.sampling_rate, one.traced) == (20.0, 0.05, 2)


def test_what_names_no_account_goes_to_the_function_that_it_may_be_of() -> None:
    covering = Covering(Settings())
    covering.add(make_flow([GET], start=START, witnesses=("xray",), **PLACE))
    report = Report(START - 3_600, "r", "Order", duration_s=0.1)
    covering.watch(Observations(reports=(report,)))
    (one,) = covering.table(())
    assert (one.account, one.invocations) == ("111122223333", 1.0)


def test_data_events_and_traces_are_what_is_paid_for() -> None:
    covering = Covering(Settings())
    call = ApiCall("e", START, "1", "eu-west-1", "S3", "PutObject", data_event=True)
    covering.watch(Observations(calls=(call, ApiCall("f", START, "1", "eu-west-1", "IAM", "GetRole"))))
    covering.add(make_flow([GET], start=START + 3_600, witnesses=("xray",)))
    covering.add(make_flow([GET], start=START + 3_600, witnesses=("otlp",)))
    cost = covering.cost()
    assert cost is not None
    assert (covering.volume.data_events, covering.volume.traces) == (1, 1)
    assert cost.traces > cost.data_events > 0.0 == cost.logs


GOOD = [payload_of(TraceBuilder(number).trace("shop-prod-pay")) for number in range(3)]
LINES = [*GOOD, b'{"Segments": [{"Document": 7}]}', b'{"nothing": 1}', b"{broken"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=12))
def test_what_is_read_refused_and_repeated_is_all_that_was_found(lines: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_bytes(b"\n".join([GOOD[0], *lines]) + b"\n")
        found = inspect(path)
    assert sum(one.read + one.refused + one.repeated for one in found.formats.values()) == found.documents
    assert sum(found.refused.values()) == sum(one.refused for one in found.formats.values())
    assert (
        sum(one.flows for one in found.coverage) == sum(one.flows for one in found.functions) == found.flows
    )


def test_versions_of_a_function_are_no_functions_of_their_own() -> None:
    covering = Covering(Settings())
    covering.add(make_flow([GET], start=START, witnesses=("xray",), **PLACE))
    found = covering.table(
        {"Order:7", "Charge:live", "arn:aws:lambda:eu-west-1:111122223333:function:Refund:1"}
    )
    assert sorted(one.function_name for one in found) == ["Charge", "Order", "Refund"]
