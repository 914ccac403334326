"""The verb `inspect`."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.config import ApplicationRule, ApplicationSettings, Settings
from coldtrail.errors import ConfigError
from coldtrail.testing import make_flow, make_history
from coldtrail.verbs.coverage import census
from coldtrail.verbs.inspecting import SeenFormat, inspect
from tests.fixtures.telemetry import TraceBuilder, payload_of
from tests.verbs.telemetry_files import GET, USUAL, native_lines, write_native, write_xray


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
    assert found.formats == {"native": SeenFormat(found.documents - 12), "xray": SeenFormat(12)}
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
    monkeypatch.setattr(census, "MOST_FLOWS", 3)
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
    with pytest.raises(ConfigError, match="nothing that can be read"):
        inspect(tmp_path)


def test_documents_add_up_by_format_and_refusals_by_reason(tmp_path: Path) -> None:
    good = payload_of(TraceBuilder(1).trace("shop-prod-pay"))
    bad = b'{"Segments": [{"Document": 7}]}'
    summaries = b'{"TraceSummaries": [{"Id": "x"}]}'
    lines = [good, good, bad, bad, b'{"nothing": 1}', summaries, *native(2)]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    found = inspect(tmp_path)
    assert found.formats["xray"] == SeenFormat(1, 3, 1)
    assert found.formats["unknown"] == SeenFormat(0, 1, 0)
    assert found.documents == len(lines)
    assert sum(one.read + one.refused + one.repeated for one in found.formats.values()) == found.documents
    assert sum(found.refused.values()) == sum(one.refused for one in found.formats.values()) == 4
    assert any("aws xray batch-get-traces" in reason for reason in found.refused)


def native(number: int) -> list[bytes]:
    """Lines of native events."""
    return [line for flow in make_history(number) for line in native_lines([flow])]


def test_files_that_are_no_telemetry_by_their_names_are_told(tmp_path: Path) -> None:
    write_xray(tmp_path / "a.json", 1)
    for name in ("trace.txt", "trace", "c.json.bak", "labels.jsonl"):
        (tmp_path / name).write_bytes(b"{}")
    found = inspect(tmp_path)
    assert found.passed_over == {".bak": 1, ".txt": 1, "without a suffix": 1}


def test_telemetry_without_a_flow_is_an_answer(tmp_path: Path) -> None:
    trace = TraceBuilder(1).trace("shop-prod-pay")
    kept = [one for one in trace["Segments"] if one["Document"]["origin"] != "AWS::Lambda::Function"]
    (tmp_path / "a.json").write_bytes(payload_of({**trace, "Segments": kept}))
    found = inspect(tmp_path)
    assert (found.flows, found.functions, found.first_start) == (0, [], None)
    assert any("turn active tracing on for shop-prod-pay" in gap for gap in found.gaps)
    (tmp_path / "a.json").write_bytes(b"{}")
    with pytest.raises(ConfigError, match="nothing that can be read"):
        inspect(tmp_path)


def test_who_triggered_a_flow_that_begins_its_trace_is_not_missing(tmp_path: Path) -> None:
    trace = TraceBuilder(1).trace("shop-prod-pay")
    for missing in (False, True):
        for one in trace["Segments"]:
            document = one["Document"]
            if document["origin"] == "AWS::Lambda":
                document.pop("parent_id", None)
                if missing:
                    document["parent_id"] = "gone"
        held = [one for one in trace["Segments"] if one["Document"]["origin"].startswith("AWS::Lambda")]
        (tmp_path / "a.json").write_bytes(payload_of({**trace, "Segments": held}))
        found = inspect(tmp_path)
        assert found.functions[0].triggers == ("unknown" if missing else "nobody on record",)
        assert any("record of the caller is missing" in gap for gap in found.gaps) is missing


def test_a_quiet_hour_is_an_answer(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"Records":[]}')
    (tmp_path / "b.json").write_bytes(b"[]")
    found = inspect(tmp_path)
    assert (found.documents, found.flows, found.losses) == (0, 0, [])
    assert found.quiet == "2 answers were read, and all are empty, as of a quiet hour or of another place."
    (tmp_path / "c.json").write_bytes(b"{}")
    with pytest.raises(ConfigError, match="nothing that can be read"):
        inspect(tmp_path)
