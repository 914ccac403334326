"""The Lambda service: synchronous and asynchronous invocations, retries, versions."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.function_runs import Deployment

from .lambda_bench import Bench, lambda_bench


@pytest.fixture
def bench(foundation: Foundation, tmp_path: Path) -> Iterator[Bench]:
    with lambda_bench(foundation, tmp_path) as bench:
        yield bench


def test_an_asynchronous_invocation_dwells_and_is_attempted(bench: Bench) -> None:
    bench.add("echo", timeout_s=30)
    bench.invoke_later("echo")
    traces = bench.base.traces.take()
    [service, function] = sorted(traces[0]["segments"], key=lambda segment: len(segment["origin"]))
    dwell, attempt = service["subsegments"]
    assert (dwell["name"], attempt["name"]) == ("Dwell Time", "Attempt #1")
    assert dwell["end_time"] <= attempt["start_time"] + 0.001
    assert service["http"] == {"response": {"status": 202}}
    assert function["parent_id"] == attempt["id"]
    assert "error" not in service
    assert bench.last_run().trigger == "sns"
    assert bench.last_run().request_id == service["aws"]["request_id"]


def test_a_failed_asynchronous_invocation_is_tried_again_twice(bench: Bench) -> None:
    bench.add("fail")
    bench.invoke_later("fail")
    [trace] = bench.base.traces.take()
    [service] = [segment for segment in trace["segments"] if segment["origin"] == "AWS::Lambda"]
    functions = [part for part in trace["segments"] if part["origin"] == "AWS::Lambda::Function"]
    dwell, *attempts = service["subsegments"]
    assert dwell["name"] == "Dwell Time"
    assert [attempt["name"] for attempt in attempts] == ["Attempt #1", "Attempt #2", "Attempt #3"]
    assert all(attempt["error"] for attempt in (*attempts, service))
    assert [part["parent_id"] for part in functions] == [attempt["id"] for attempt in attempts]
    waits = [later["start_time"] - early["end_time"] for early, later in pairwise(attempts)]
    assert 54 <= waits[0] <= 66
    assert 108 <= waits[1] <= 132
    runs = bench.base.facts.runs
    assert len({run.request_id for run in runs}) == 1
    assert [run.status for run in runs] == ["error"] * 3


def test_trying_again_stops_with_success(bench: Bench, tmp_path: Path) -> None:
    bench.add("fail_first")
    attempts = tmp_path / "attempts"
    bench.invoke_later("fail_first", attempts=str(attempts), needed=2)
    [service] = bench.segments("AWS::Lambda")
    assert [part["name"] for part in service["subsegments"]] == ["Dwell Time", "Attempt #1", "Attempt #2"]
    assert "error" not in service
    assert [run.status for run in bench.base.facts.runs] == ["error", "success"]
    assert len(attempts.read_text().splitlines()) == 2


def test_trying_again_runs_the_version_of_the_day(bench: Bench) -> None:
    bench.add("fail")

    def release() -> None:
        bench.lambdas.release("fail", "lab.tests.testbed.handlers.echo")

    bench.base.agenda.add(bench.base.clock.now() + 30, release)
    bench.invoke_later("fail")
    runs = bench.base.facts.runs
    assert [(run.version, run.status) for run in runs] == [("1", "error"), ("2", "success")]


def test_a_new_version_runs_on_new_instances(bench: Bench) -> None:
    bench.add("echo", timeout_s=30)
    bench.invoke("echo")
    assert bench.lambdas.release("echo", "lab.tests.testbed.handlers.echo_again") == "2"
    answer = json.loads(bench.invoke("echo").body)
    run = bench.last_run()
    assert answer["again"]
    assert answer["version"] == run.version == "2"
    assert run.init_s is not None
    assert "[2]" in run.log_stream
    bench.invoke("echo")
    assert bench.last_run().init_s is None
    assert bench.lambdas.release("echo", "lab.tests.testbed.handlers.echo") == "3"


def test_a_new_version_of_an_infected_function_is_infected(bench: Bench) -> None:
    bench.add("echo", timeout_s=30)
    wrapper = "coldtrail_testbed.worker.infection.handler"
    variables = {"TESTBED_APPLICATION": "airline", "TESTBED_HANDLER": "lab.tests.testbed.handlers.echo"}
    function = bench.lambdas.deployments["echo"].function
    bench.lambdas.add(function, variables, wrapper)
    assert "again" not in json.loads(bench.invoke("echo").body)
    bench.lambdas.release("echo", "lab.tests.testbed.handlers.echo_again")
    deployment = bench.lambdas.deployments["echo"]
    assert deployment == Deployment(
        function, wrapper, {**variables, "TESTBED_HANDLER": "lab.tests.testbed.handlers.echo_again"}, "2"
    )
    assert json.loads(bench.invoke("echo").body)["again"]


def test_the_chosen_attack_reaches_the_handler(foundation: Foundation, tmp_path: Path) -> None:
    with lambda_bench(foundation, tmp_path, attack=lambda name: f"on {name}") as bench:
        bench.add("echo", timeout_s=30)
        assert json.loads(bench.invoke("echo").body)["attack"] == "on echo"
        assert bench.lambdas.attacked_flows == {bench.last_run().flow_id: "on echo"}
