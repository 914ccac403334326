"""Runs of functions with the real runtime client: what they use, and every way to fail as telemetry."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.clock import shared_clock
from coldtrail_testbed.cloud import function_runs, runtime_api
from coldtrail_testbed.cloud.foundation import Foundation, lay_foundation

from .conftest import START
from .lambda_bench import Bench, lambda_bench


@pytest.fixture
def bench(foundation: Foundation, tmp_path: Path) -> Iterator[Bench]:
    with lambda_bench(foundation, tmp_path) as bench:
        yield bench


def _parts(bench: Bench) -> dict[str, dict[str, Any]]:
    [segment] = bench.segments("AWS::Lambda::Function")
    return {"segment": segment, **{part["name"]: part for part in segment["subsegments"]}}


def _body(bench: Bench, name: str, **event: Any) -> dict[str, Any]:
    outcome = bench.invoke(name, **event)
    assert outcome.failed
    body: dict[str, Any] = json.loads(outcome.body)
    return body


def test_a_run_leaves_its_fact(bench: Bench) -> None:
    bench.add("echo", timeout_s=30)
    outcome = bench.invoke("echo", a="bc")
    run, parts = bench.last_run(), _parts(bench)
    assert (run.flow_id, run.trace_id) == (parts["segment"]["id"], parts["segment"]["trace_id"])
    assert (run.function, run.version, run.memory_mb, run.trigger) == ("echo", "1", 512, "apigateway")
    assert (run.start, run.end) == (parts["Invocation"]["start_time"], parts["Invocation"]["end_time"])
    initialization = parts["Initialization"]
    assert run.init_s == initialization["end_time"] - initialization["start_time"]
    assert (run.status, run.error_type, run.client) == ("success", None, None)
    assert (run.received_bytes, run.sent_bytes) == (len('{"a": "bc"}'), len(outcome.body))
    assert 40 < run.memory_used_mb < 130
    assert 0 < run.cpu_s < 0.01
    answer = json.loads(outcome.body)
    assert (answer["version"], answer["memory"], answer["request_id"]) == ("1", "512", run.request_id)
    bench.invoke("echo")
    assert bench.last_run().init_s is None
    assert bench.last_run().log_stream == run.log_stream


def test_computing_takes_cpu_time_and_sleeping_does_not(bench: Bench) -> None:
    bench.add("compute_long", timeout_s=30)
    bench.invoke("compute_long", compute_s=4.0, sleep_s=5.0)
    run = bench.last_run()
    assert 9 < run.duration_s < 9.1
    assert 4 < run.cpu_s < 4.1


def test_what_a_nested_run_computes_is_not_its_callers(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.add("echo", timeout_s=30)
    bench.add("compute_long", timeout_s=30)
    run_invocation, nested = runtime_api.run_invocation, [{"compute_s": 4.0, "sleep_s": 0.0}]

    def calling(*arguments: Any, **options: Any) -> Any:
        if nested:
            bench.invoke("compute_long", **nested.pop())
        return run_invocation(*arguments, **options)

    monkeypatch.setattr(function_runs, "run_invocation", calling)
    bench.invoke("echo")
    cpu = {run.function: run.cpu_s for run in bench.base.facts.runs}
    assert 4 < cpu["compute_long"] < 4.1
    assert 0 < cpu["echo"] < 0.1


def test_a_raised_error_is_an_error_with_its_cause(bench: Bench) -> None:
    bench.add("fail")
    assert _body(bench, "fail")["errorType"] == "ValueError"
    parts = _parts(bench)
    assert parts["segment"]["error"] is parts["Invocation"]["error"] is True
    assert parts["segment"]["cause"]["exceptions"][0]["message"] == "no luck"
    assert "error" not in parts["Overhead"]
    assert (bench.last_run().status, bench.last_run().error_type) == ("error", "ValueError")
    bench.invoke("fail")
    assert bench.last_run().init_s is None


def test_a_run_ends_at_its_deadline(bench: Bench) -> None:
    bench.add("sleep_too_long")
    body = _body(bench, "sleep_too_long")
    run = bench.last_run()
    assert body == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {run.request_id} Error: Task timed out after 3.00 seconds",
    }
    assert (run.status, run.error_type) == ("timeout", "Sandbox.Timedout")
    assert run.duration_s == pytest.approx(3, abs=0.001)
    parts = _parts(bench)
    # What was open when the time was over was never sent, and neither was what came after.
    assert [part["name"] for part in parts["Invocation"]["subsegments"]] == ["before"]
    assert parts["Invocation"]["end_time"] == run.end
    assert parts["Invocation"]["error"] is True
    assert bench.base.clock.now() < START + 10


def test_the_instance_of_a_timeout_is_gone(bench: Bench) -> None:
    bench.add("sleep_too_long")
    bench.invoke("sleep_too_long")
    assert len(bench.pool.process_ids()) == 1
    first = bench.last_run()
    bench.invoke("sleep_too_long")
    assert bench.last_run().init_s is not None
    assert bench.last_run().log_stream != first.log_stream


def test_an_instance_that_answers_too_late_is_gone(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    # As when the answer of a call takes longer than the function has left.
    bench.add("echo", timeout_s=30)
    run_invocation = runtime_api.run_invocation

    def late(*arguments: Any, **options: Any) -> Any:
        outcome = run_invocation(*arguments, **options)
        bench.base.clock.advance(40)
        return outcome

    with monkeypatch.context() as patched:
        patched.setattr(function_runs, "run_invocation", late)
        bench.invoke("echo")
    first = bench.last_run()
    assert first.status == "timeout"
    assert first.duration_s == pytest.approx(30, abs=0.001)
    bench.invoke("echo")
    assert (bench.last_run().status, bench.last_run().init_s is None) == ("success", False)
    assert bench.last_run().log_stream != first.log_stream


def test_a_handler_that_hangs_is_timed_out(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(runtime_api.run_invocation.__kwdefaults__, "patience_s", 0.5)
    bench.add("hang", timeout_s=7)
    assert _body(bench, "hang")["errorType"] == "Sandbox.Timedout"
    run = bench.last_run()
    assert run.status == "timeout"
    assert run.duration_s == pytest.approx(7, abs=0.001)
    assert len(bench.pool.process_ids()) == 1


@pytest.mark.parametrize(
    ("name", "event", "reason"),
    [
        ("leave", {"status": 3}, "Runtime exited with error: exit status 3"),
        ("leave", {"status": 0}, "Runtime exited without providing a reason"),
        ("be_killed", {}, "Runtime exited with error: signal: killed"),
    ],
)
def test_a_process_that_goes_away_is_noticed(
    bench: Bench, name: str, event: dict[str, Any], reason: str
) -> None:
    bench.add(name)
    body = _body(bench, name, **event)
    run = bench.last_run()
    assert body == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {run.request_id} Error: {reason}",
    }
    assert (run.status, run.error_type) == ("error", "Runtime.ExitError")
    assert 0 < run.duration_s < 0.1
    assert _parts(bench)["Invocation"]["error"] is True
    bench.invoke(name, **event)
    assert bench.last_run().init_s is not None


_BROKEN = {
    "missing": ("import no_such_module", "Runtime.ImportModuleError", "Unable to import module 'missing'"),
    "garbled": ("def f(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'garbled'"),
    "raising": ("raise ValueError('no configuration')", "ValueError", "no configuration"),
    "empty": ("", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'empty'"),
    "leaving": ("import os; os._exit(5)", "Runtime.ExitError", "exit status 5"),
}


@pytest.mark.parametrize("name", _BROKEN)
def test_a_handler_that_cannot_be_initialized_is_telemetry(
    foundation: Foundation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    code, kind, message = _BROKEN[name]
    folder = tmp_path / "broken_package"
    folder.mkdir()
    (folder / f"{name}.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    with lambda_bench(foundation, tmp_path) as bench:
        bench.add(name, f"broken_package.{name}.handler")
        body = _body(bench, name)
        run, parts = bench.last_run(), _parts(bench)
        assert body["errorType"] == run.error_type == kind
        assert message in body["errorMessage"]
        assert "broken_package" not in body["errorMessage"]
        assert parts["Initialization"]["error"] is parts["segment"]["error"] is True
        assert run.init_s is not None
        assert len(bench.pool.process_ids()) == 1
        bench.invoke(name)
        assert bench.last_run().init_s is not None


def test_every_instance_has_an_identity_of_its_own(bench: Bench) -> None:
    bench.add("identity", timeout_s=30)
    answers = []
    for _ in range(2):
        answers.append(json.loads(bench.invoke("identity").body))
        bench.base.clock.advance(20_000)
    keys = [answer["access_key"] for answer in answers]
    assert keys[0] != keys[1]
    for answer, key in zip(answers, keys, strict=True):
        assert key.startswith("ASIA")
        assert len(key) == 20
        assert len(answer["token"]) == 256
        assert bench.base.identities.caller(key, {}).name == "identity"
        assert "exec-env/AWS_Lambda_python3.11" in answer["user_agent"]
        assert answer["log_stream"] == bench.base.facts.runs[keys.index(key)].log_stream


def test_a_run_follows_from_the_seed_alone(bench: Bench, tmp_path: Path) -> None:
    def facts(bench: Bench) -> list[Any]:
        for name in ("fail", "sleep_too_long", "leave", "echo"):
            bench.add(name)
            bench.invoke(name, status=1)
        return bench.base.facts.runs

    folder = tmp_path / "again"
    folder.mkdir()
    with (
        shared_clock(folder / "clock", START) as clock,
        lambda_bench(lay_foundation(clock, 1), folder) as again,
    ):
        assert facts(again) == facts(bench)
