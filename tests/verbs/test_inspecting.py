"""The verb `inspect`."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.config import ApplicationRule, ApplicationSettings, Settings
from coldtrail.errors import ConfigError
from coldtrail.testing import make_flow, make_history
from coldtrail.verbs import inspecting
from coldtrail.verbs.inspecting import inspect
from tests.fixtures.telemetry import TraceBuilder, payload_of
from tests.verbs.telemetry_files import GET, USUAL, write_native, write_xray


def test_formats_functions_and_flows_are_counted(tmp_path: Path) -> None:
    write_native(tmp_path / "a.jsonl", make_history(7))
    write_xray(tmp_path / "b.jsonl.gz", 12)
    found = inspect(tmp_path)
    assert found.flows == 7 + 24 == sum(one.flows for one in found.functions)
    assert found.traces == 7 + 12
    assert found.events == sum(one.events for one in found.functions)
    assert len(found.functions) == 1 + 6
    assert (found.first_start, found.last_start) == (
        min(one.first_start for one in found.functions),
        max(one.last_start for one in found.functions),
    )
    assert found.formats == {"native": found.documents - 12, "xray": 12}
    assert found.losses == []


def test_invocations_are_listed_by_start_with_their_events(tmp_path: Path) -> None:
    flows = [
        make_flow([GET], flow_id="late", start=1_795_000_100.0, cold=True, error=True),
        make_flow(USUAL, flow_id="early", version="7"),
    ]
    found = inspect(write_native(tmp_path / "a.jsonl", flows))
    early, late = found.invocations
    assert (early.function_flow_id, late.function_flow_id) == ("early", "late")
    assert early.events == ("Invocation", ".GetItem", ".PutItem", ".Publish", "Overhead")
    assert (early.cold_start, late.cold_start, early.version) == (False, True, "7")


def test_only_so_many_invocations_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "MOST_FLOWS", 3)
    found = inspect(write_native(tmp_path / "a.jsonl", make_history(9)))
    assert (len(found.invocations), found.flows) == (3, 9)


def test_gaps_are_told(tmp_path: Path) -> None:
    trace = TraceBuilder(1).trace("shop-prod-pay", "shop-prod-mail")
    functions = [
        held for held in trace["Segments"] if held["Document"].get("origin") == "AWS::Lambda::Function"
    ]
    trace["Segments"].remove(functions[0])
    functions[1]["Document"]["in_progress"] = True
    del functions[1]["Document"]["end_time"]
    (tmp_path / "a.json").write_bytes(payload_of(trace))
    gaps = " ".join(inspect(tmp_path / "a.json").gaps)
    assert "1 invocation without a record of the function itself" in gaps
    assert "1 flow still open" in gaps


def test_a_busy_second_hints_at_sampling(tmp_path: Path) -> None:
    quiet = inspect(write_native(tmp_path / "a.jsonl", make_history(5)))
    assert quiet.sampling.startswith("No second holds more than one trace")
    busy = [make_flow(USUAL, flow_id=f"f{number}") for number in range(4)]
    assert inspect(write_native(tmp_path / "b.jsonl", busy)).sampling.startswith("Up to 4 traces started")


def test_settings_name_the_applications(tmp_path: Path) -> None:
    rules = (ApplicationRule("shop-prod-(.+)", "the-\\1"),)
    found = inspect(
        write_xray(tmp_path / "a.jsonl.gz", 6), settings=Settings(applications=ApplicationSettings(rules))
    )
    assert {one.application_name for one in found.functions} >= {"the-pay", "the-mail"}


def test_what_is_lost_is_told(tmp_path: Path) -> None:
    path = write_native(tmp_path / "a.jsonl", make_history(2))
    path.write_bytes(path.read_bytes() + b"{broken\n")
    (lost,) = inspect(path).losses
    assert "a.jsonl, line" in lost


def test_nothing_to_inspect_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no usable function flow"):
        inspect(tmp_path)
