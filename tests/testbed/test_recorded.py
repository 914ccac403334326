import gzip
import json

import pytest

from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.recorded import recorded_names, recorded_run


def test_the_shipped_run_is_small_whole_and_described() -> None:
    path = recorded_run("airline-benign")
    assert path.stat().st_size <= 1_500_000
    with gzip.open(path, "rt") as lines:
        traces = [json.loads(line) for line in lines]
    segments = [json.loads(segment["Document"]) for trace in traces for segment in trace["Segments"]]
    functions = [segment for segment in segments if segment["origin"] == "AWS::Lambda::Function"]
    facts = json.loads(path.with_name("airline-benign.json").read_text())
    assert len(functions) == facts["counts"]["flows"] >= 4000
    assert len(traces) == facts["counts"]["traces"]
    assert facts["settings"]["attacks"] == []
    assert {segment["name"] for segment in functions} == set(facts["counts"]["functions"])


def test_unknown_names_list_the_known_ones() -> None:
    assert recorded_names() == ["airline-benign"]
    with pytest.raises(TestbedError, match="choose one of: airline-benign"):
        recorded_run("hotel")
