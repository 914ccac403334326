import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.applications import find_application
from coldtrail_testbed.attacks import find_attacks
from coldtrail_testbed.attacks.plan import AttackPlan
from coldtrail_testbed.cloud import worker_pool
from coldtrail_testbed.cloud.arrivals import Arrivals
from coldtrail_testbed.cloud.local_cloud import LocalCloud
from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.recorder import RunSummary, record
from coldtrail_testbed.recording import Recording

from .conftest import START, Run, read_run

_FILES = ["incidents.jsonl", "labels.jsonl", "run.json", "traces.jsonl.gz"]


def test_a_folder_of_exactly_four_files(benign_run: Run) -> None:
    summary = benign_run.summary
    assert sorted(path.name for path in summary.output.iterdir()) == _FILES
    assert [path.name for path in summary.output.parent.iterdir()] == [summary.output.name]
    assert benign_run.labels == []


def test_the_summary_counts_what_was_written(benign_run: Run, attacked_run: Run) -> None:
    for run, visits in ((benign_run, 60), (attacked_run, 30)):
        summary = run.summary
        assert (summary.application, summary.iterations, summary.interrupted) == ("airline", visits, False)
        assert summary.traces == len(run.traces)
        assert summary.flows == sum(summary.functions.values()) == len(run.segments("AWS::Lambda::Function"))
        assert sum(summary.attacks.values()) == len(run.labels)
        assert summary.events > 4 * summary.flows
        occurred = {**summary.attacks, **{one: calls for one, calls in summary.attack_calls.items() if calls}}
        assert all(occurred.values())


def test_run_json_says_how_it_was_made(attacked_run: Run) -> None:
    facts = json.loads((attacked_run.summary.output / "run.json").read_text())
    assert facts["seed"] == 12
    assert facts["settings"]["iterations"] == 30
    assert facts["settings"]["attack_share"] == 0.5
    assert facts["versions"]["moto"] == "5.2.5"
    assert facts["counts"]["attacks"] == dict(attacked_run.summary.attacks)


def test_users_take_every_path(benign_run: Run) -> None:
    traces = [[one["name"] for one in _functions(trace)] for trace in benign_run.traces]
    # Timed events wake some of these functions too, in traces of their own.
    booked = Counter(name for names in traces if "ProcessBooking" in names for name in names)
    assert (
        benign_run.summary.functions["ChargePayment"] == booked["ProcessBooking"] == booked["NotifyBooking"]
    )
    assert booked["ReserveBooking"] >= booked["ProcessBooking"]
    assert 0 < booked["CancelBooking"] < booked["IngestLoyalty"]
    assert booked["IngestLoyalty"] + booked["CancelBooking"] <= booked["NotifyBooking"]


def _functions(trace: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in trace["segments"] if one["origin"] == "AWS::Lambda::Function"]


def test_failed_executions_are_undone_and_reported(attacked_run: Run) -> None:
    machines = attacked_run.segments("AWS::StepFunctions::StateMachine")
    failed = [machine for machine in machines if machine.get("fault")]
    assert failed
    for machine in failed:
        states = [state["name"] for state in machine["subsegments"]]
        assert states[-3:] == ["Notify Booking Failed", "Booking DLQ", "Booking Failed"]
        # A booking whose refund fails is left to the sweep of a timed event.
        assert "Release Flight Seat" in states or states[-4] == "Refund Payment"
    for machine in machines:
        if machine not in failed:
            assert machine["subsegments"][-1]["name"] == "Booking Confirmed"


def test_users_overlap_in_virtual_time() -> None:
    traces = _busy_minutes()
    spans = sorted(_span(trace) for trace in traces)
    assert sum(later[0] < earlier[1] for earlier, later in pairwise(spans)) > 3
    identifiers = [trace["id"] for trace in traces]
    assert len(set(identifiers)) == len(identifiers)


def _busy_minutes() -> list[dict[str, Any]]:
    """The traces of six users of the airline who come within seconds of each other."""
    application = find_application("airline")
    traces = []
    with LocalCloud(application, 1, START) as cloud:
        arrivals = Arrivals(application, 1, 6, cloud.foundation, cloud.open_browser)
        arrivals.hurry(100, inf)
        arrivals.begin()
        while cloud.step():
            traces += cloud.take_traces()
    return traces


def _span(trace: dict[str, Any]) -> tuple[float, float]:
    segments = trace["segments"]
    return min(one["start_time"] for one in segments), max(one["end_time"] for one in segments)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (_record_everything(tmp_path / name) for name in ("one", "two"))
    assert one == two
    assert {"labels.jsonl", "look_alikes.jsonl", "cloudtrail_labels.jsonl", "otlp.jsonl.gz"} <= one.keys()


def _record_everything(output: Path) -> dict[str, bytes]:
    # Not the burst at night: the timed events of a day until then would take most of the test's time.
    attacks = [one.name for one in find_attacks(["all"], "airline") if one.name != "off_hours_burst"]
    look_alikes = ["retry_storm", "new_version"]
    record("airline", 4, 3, attacks, output, attack_share=0.5, look_alikes=look_alikes, telemetry=["all"])
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in output.rglob("*.*")}


def test_what_only_cloudtrail_shows_brings_cloudtrail_along(tmp_path: Path) -> None:
    summary = record("airline", 3, 3, ["stolen_credentials"], tmp_path / "run")
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert facts["settings"]["telemetry"] == ["xray", "cloudtrail"]
    assert facts["settings"]["telemetry_added_for_attacks"] == ["cloudtrail"]
    labels = (tmp_path / "run" / "cloudtrail_labels.jsonl").read_text().splitlines()
    assert len(labels) == summary.attack_calls["stolen_credentials"] > 5
    assert summary.attacks == {"stolen_credentials": 0}


def test_flows_inside_a_look_alikes_window_are_listed(tmp_path: Path) -> None:
    output = tmp_path / "run"
    run = read_run(record("airline", 5, 3, ["none"], output, look_alikes=["new_version"]))
    [(name, window)] = json.loads((output / "run.json").read_text())["look_alike_windows"].items()
    listed = [json.loads(line) for line in (output / "look_alikes.jsonl").read_text().splitlines()]
    inside = {
        segment["id"]
        for segment in run.segments("AWS::Lambda::Function")
        if segment["name"] in window["functions"] and segment["start_time"] >= window["begin"]
    }
    assert (name, window["end"]) == ("new_version", None)
    assert {line["function_flow_id"] for line in listed} == inside
    assert run.summary.look_alikes == {"new_version": len(inside)}


def test_an_interrupt_leaves_a_valid_smaller_recording(tmp_path: Path) -> None:
    def interrupt(done: int, total: int, text: str) -> None:
        assert total == 50
        assert "function flows" in text
        if done == 2:
            raise KeyboardInterrupt

    run = read_run(record("airline", 50, 3, ["none"], tmp_path / "run", progress=interrupt))
    assert run.summary.interrupted
    assert run.summary.iterations == 2
    assert run.summary.flows == len(run.segments("AWS::Lambda::Function")) > 0
    assert json.loads((tmp_path / "run" / "run.json").read_text())["interrupted"]


def test_progress_counts_users_who_have_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Arrivals] = []
    told: list[tuple[int, int]] = []
    begin = Arrivals.begin

    def spy(arrivals: Arrivals) -> None:
        begun.append(arrivals)
        begin(arrivals)

    monkeypatch.setattr(Arrivals, "begin", spy)
    progress = partial(_tell_of, begun, told)
    record("airline", 2, 3, ["none"], tmp_path / "run", progress=progress)
    assert told == [(1, 1), (2, 2)]


def _tell_of(begun: list[Arrivals], told: list[tuple[int, int]], done: int, _total: int, _text: str) -> None:
    told.append((done, begun[0].gone))


def test_no_process_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[int] = set()
    acquire = worker_pool.WorkerPool.acquire

    def spy(pool: worker_pool.WorkerPool, *arguments: object) -> object:
        result = acquire(pool, *arguments)  # type: ignore[arg-type]
        seen.update(pool.process_ids())
        return result

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(worker_pool.WorkerPool, "acquire", spy)
    with pytest.raises(OSError, match="the disk is full"):
        record("airline", 2, 3, ["none"], tmp_path / "run", progress=fail)
    assert len(seen) > 5
    assert not any(_is_alive(pid) for pid in seen)
    assert list(tmp_path.iterdir()) == []


# What a shell starts in the background ignores Ctrl-C unless it says otherwise.
_PROGRAM = """
import signal, sys
from pathlib import Path
from coldtrail_testbed.recorder import record
signal.signal(signal.SIGINT, signal.default_int_handler)
def progress(done, total, text): print(done, flush=True)
record("airline", 10_000, 1, ["none"], Path(sys.argv[1]), progress=progress)
"""


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_a_killed_run(tmp_path: Path, ending: signal.Signals) -> None:
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path / "run")]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary)}
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert run.stdout is not None
    assert run.stdout.readline() == "1\n"
    processes = _descendants(run.pid)
    assert len(processes) > 5
    run.send_signal(ending)
    run.wait(timeout=10)
    run.stdout.close()
    deadline = time.monotonic() + 10
    while any(_is_alive(pid) for pid in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_is_alive(pid) for pid in processes)
    assert list(temporary.iterdir()) == []


def test_ctrl_c_in_the_middle_of_a_visit_keeps_the_finished_ones(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path / "run")]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    assert [run.stdout.readline() for _ in range(3)] == ["1\n", "2\n", "3\n"]
    time.sleep(0.1)
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=20) == 0
    run.stdout.close()
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert facts["interrupted"]
    assert facts["counts"]["iterations"] >= 3
    with gzip.open(tmp_path / "run" / "traces.jsonl.gz", "rt") as lines:
        assert len([json.loads(line) for line in lines]) == facts["counts"]["traces"]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def _descendants(pid: int) -> list[int]:
    children = [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return children + [below for child in children for below in _descendants(child)]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def _refused(**changes: object) -> str:
    arguments = {"app": "airline", "iterations": 1, "seed": 1, "attacks": ["none"], "output": Path("never")}
    with pytest.raises(TestbedError) as refusal:
        record(**{**arguments, **changes})  # type: ignore[arg-type]
    assert not Path("never").exists()
    return str(refusal.value)


def test_wrong_arguments_are_refused_in_one_sentence() -> None:
    assert _refused(app="hotel") == "there is no application 'hotel'; choose one of: airline, vod"
    assert "choose from: none, paper, unpublished, all, account, data_leakage" in _refused(attacks=["theft"])
    assert _refused(iterations=0) == "a run needs at least 1 iteration, not 0"
    assert "between 0 and 1" in _refused(attack_share=1.5)


def test_an_earlier_recording_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert "name a new folder" in _refused(output=tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_stale_draft_of_a_killed_run_is_removed(tmp_path: Path) -> None:
    draft = tmp_path / ".run.partial"
    draft.mkdir()
    (draft / "otlp.jsonl.gz").write_text("half")
    with Recording(tmp_path / "run", AttackPlan([], "airline", 0.1, 1)) as recording:
        recording.finish({})
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == _FILES
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_recording_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    output = tmp_path / "run"
    with Recording(output, AttackPlan([], "airline", 0.1, 1)) as recording:
        assert not output.exists()
        recording.finish({"seed": 1})
        assert sorted(path.name for path in output.iterdir()) == _FILES


def test_the_summary_cannot_be_changed(benign_run: Run) -> None:
    with pytest.raises(AttributeError):
        benign_run.summary.traces = 1  # type: ignore[misc]
    assert isinstance(benign_run.summary, RunSummary)


def test_a_run_begins_on_the_day_that_was_asked_for(tmp_path: Path) -> None:
    summary = record("airline", 2, 3, ["none"], tmp_path / "run", first_day=date(2026, 3, 2))
    begin = datetime(2026, 3, 2, find_application("airline").first_hour, tzinfo=UTC).timestamp()
    assert summary.first_time is not None
    assert begin < summary.first_time < begin + 3600
