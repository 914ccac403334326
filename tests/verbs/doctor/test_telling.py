"""What a sample of the telemetry shows."""

from __future__ import annotations

from pathlib import Path

from coldtrail.config import LimitSettings
from coldtrail.testing import make_history
from coldtrail.verbs.doctor.telling import configured, findings_of
from coldtrail.verbs.inspecting import inspect
from tests.sources.aws.cloud import REGION, Faults
from tests.sources.aws.test_looking import make_function, make_role
from tests.verbs.doctor.settings import table
from tests.verbs.telemetry_files import write_native


def test_a_sample_is_told_by_function(tmp_path: Path) -> None:
    found = list(findings_of(inspect(write_native(tmp_path / "one.jsonl", make_history(20)))))
    assert found[0].told == "20 flows of 1 function were looked at."
    abouts = [one.about for one in found]
    assert {"sampling", "cost", "function Order"} <= set(abouts)
    assert all(one.level != "mend" for one in found)


def test_functions_that_are_not_traced_are_named(endpoint: str, tmp_path: Path) -> None:
    source = {"kind": "cloudwatch-logs", "groups": ["x"], "region": REGION, "endpoint_url": endpoint}
    make_role(endpoint)
    make_function(endpoint, "Order", "Active")
    tables = [table(tmp_path, **source), table(tmp_path, **source), table(tmp_path, kind="otlp")]
    (finding,) = configured(tables, LimitSettings(), {})
    assert finding.told == "X-Ray traces all of the 1 function there."
    make_function(endpoint, "Pay", "PassThrough")
    (finding,) = configured(tables, LimitSettings(), {})
    assert (finding.level, finding.told) == ("note", "X-Ray does not trace 1 of 2 functions: Pay.")
    assert "--tracing-config Mode=Active" in finding.remedy


def test_where_functions_may_not_be_listed_that_is_a_note(
    endpoint: str, tmp_path: Path, faults: Faults
) -> None:
    faults.next_fault = lambda operation: "AccessDeniedException"
    source = table(tmp_path, kind="cloudwatch-logs", groups=["x"], region=REGION, endpoint_url=endpoint)
    (finding,) = configured([source], LimitSettings(), {})
    assert finding.level == "note"
    assert finding.told.endswith("grant lambda:ListFunctions on *.")
