"""Real telemetry of every kind: what `inspect` tells of it adds up, and says what is there and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail import inspect
from coldtrail.cli.main import main
from tests.verbs.adding_up import adds_up

DATA = Path(__file__).parents[3] / "shared" / "data"
NAMED = {
    "aws-spans": "(AWS::StepFunctions::StateMachine cx-span-sample 6), of 24 spans in 42 records",
    "cloudtrail-lambda": "turn active tracing on for production-api:",
    "cloudtrail-stratus": "Calls in the audit log: 63. SecretsManager: GetSecretValue",
    "lambda-report": "Reports of the platform: 11 records on invocations (an invocation may have",
    "lambda-telemetry": "Reports of the platform: 13 records on invocations and 13 records on instances",
    "otlp": "3 documents (1 otlp and 2 refused)",
    "xray-iatk": "1 function flow of 1 function",
    "xray-real": "12 documents (12 xray): 11 traces, 24 function flows of 18 functions",
}
WITHOUT_FLOWS = ("aws-spans", "cloudtrail-lambda", "cloudtrail-stratus", "lambda-report", "lambda-telemetry")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the recorded real telemetry is not at {DATA}"),
]


@pytest.mark.parametrize("folder", NAMED)
def test_what_is_told_adds_up(folder: str) -> None:
    adds_up(inspect(DATA / folder))


@pytest.mark.parametrize("folder", NAMED)
def test_what_is_there_and_what_to_do_is_told_once(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(DATA / folder)]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert NAMED[folder] in " ".join(" ".join(lines).split())
    assert "To do" in " ".join(lines)
    told = [line for line in lines if line.startswith(("To do", "Refused", "Gap", "Odd", "Calls", "Reports"))]
    assert len(told) == len(set(told))
    assert ("no run of a function." in " ".join(lines)) == (folder in WITHOUT_FLOWS)


def test_spans_in_progress_are_not_counted_twice() -> None:
    beside = inspect(DATA / "aws-spans").beside
    assert (sum(beside.traces.values()), beside.spans, beside.span_records) == (6, 24, 42)


def test_each_report_line_makes_a_flow_or_has_a_reason(tmp_path: Path) -> None:
    log = tmp_path / "aws" / "lambda" / "Fn" / "lines.txt"
    log.parent.mkdir(parents=True)
    log.write_bytes((DATA / "lambda-report" / "in_the_wild.txt").read_bytes())
    found = inspect(tmp_path)
    assert (found.beside.reports, found.flows) == (11, 2)
    (said,) = found.other_losses
    assert "tells no time" in said
    assert said.endswith("(and 8 more of this kind).")
