import gzip
import json

import pytest

from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.recorded import recorded_names, recorded_run


def test_the_shipped_runs_are_small_together() -> None:
    assert sum(recorded_run(name).stat().st_size for name in recorded_names()) <= 3_000_000


@pytest.mark.parametrize(("name", "flows"), [("airline-benign", 3900), ("vod-benign", 2000)])
def test_a_shipped_run_is_whole_and_described(name: str, flows: int) -> None:
    path = recorded_run(name)
    with gzip.open(path, "rt") as lines:
        traces = [json.loads(line) for line in lines]
    segments = [json.loads(segment["Document"]) for trace in traces for segment in trace["Segments"]]
    functions = [segment for segment in segments if segment["origin"] == "AWS::Lambda::Function"]
    facts = json.loads(path.with_name(f"{name}.json").read_text())
    assert len(functions) == facts["counts"]["flows"] >= flows
    assert len(traces) == facts["counts"]["traces"]
    assert facts["settings"]["attacks"] == []
    assert {segment["name"] for segment in functions} == set(facts["counts"]["functions"])


def test_unknown_names_list_the_known_ones() -> None:
    assert recorded_names() == ["airline-benign", "vod-benign"]
    with pytest.raises(TestbedError, match="choose one of: airline-benign"):
        recorded_run("hotel")
