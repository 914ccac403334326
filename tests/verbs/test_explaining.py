"""The verb `explain`."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from coldtrail.bundle.folder import load
from coldtrail.errors import ConfigError
from coldtrail.records.facts import Facts
from coldtrail.testing import make_flow, make_history
from coldtrail.verbs.explaining import explain, why_not_judged
from coldtrail.verbs.scoring import score
from tests.verbs.telemetry_files import USUAL, read_lines, stolen, write_native


@pytest.fixture
def new(tmp_path: Path) -> Path:
    stranger = make_flow(USUAL, flow_id="stranger", function="NeverMet")
    return write_native(tmp_path / "new.jsonl", [*make_history(5, seed=2, prefix="n"), stolen(), stranger])


def test_the_explanation_is_the_verdict_with_the_flow_and_the_profile(
    bundle: Path, new: Path, tmp_path: Path
) -> None:
    found = explain(bundle, new, "stolen")
    score(bundle, new, tmp_path / "out.jsonl")
    (line,) = [line for line in read_lines(tmp_path / "out.jsonl") if line["function_flow_id"] == "stolen"]
    assert found.verdict.score == line["score"]
    assert [reason.event_id for reason in found.verdict.reasons] == [r["event_id"] for r in line["reasons"]]
    assert found.flow.events == stolen().events
    assert found.flow.trigger == stolen().trigger
    assert found.profile is not None
    assert found.profile.function_name == "Order"


def test_a_normal_flow_is_told_with_what_was_least_usual(bundle: Path, new: Path) -> None:
    found = explain(bundle, new, "n00000001")
    assert found.verdict.verdict == "normal"
    assert found.verdict.reasons


def test_a_function_never_met_has_no_profile(bundle: Path, new: Path) -> None:
    found = explain(bundle, new, "stranger")
    assert (found.verdict.verdict, found.profile) == ("not_ready", None)


def test_an_unknown_flow_is_told_with_how_many_were_looked_at(
    bundle: Path, new: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"None of the 7 function flows in the input has the id 'lost'\."):
        explain(bundle, new, "lost")
    (tmp_path / "empty.jsonl").write_bytes(b"")
    with pytest.raises(ConfigError, match="no usable function flow"):
        explain(bundle, tmp_path / "empty.jsonl", "lost")


def test_a_run_without_its_trace_is_not_told_to_be_too_little_learned(bundle: Path) -> None:
    """Nearly all runs of its function may have been learned: it is another thing to judge."""
    model, _ = load(bundle)
    assert why_not_judged(model, make_flow(USUAL, function="NeverMet")).startswith("Too little")
    untraced = replace(make_flow(USUAL), facts=Facts(untraced=True), witnesses=("lambda-report",))
    assert why_not_judged(model, untraced) == (
        "It is not judged: this function is traced, but no trace of this run is here to judge it by."
    )
