"""Functions that fail inside a whole cloud: their callers hear of it, and the run goes on."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from coldtrail_testbed.applications.model import Application, Function, Route, Table
from coldtrail_testbed.cloud.local_cloud import LocalCloud

from .conftest import START
from .small_cloud import ANYTHING, ask
from .woken import SEEN

_FAILING = ("fail", "sleep_too_long", "leave", "be_killed")


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    functions = [Function(name, f"lab.tests.testbed.handlers.{name}", timeout_s=3) for name in _FAILING]
    front = [
        Function(name, "lab.tests.testbed.woken.handler", 5, grants=ANYTHING) for name in ("Front", "Slow")
    ]
    routes = [Route("small", "POST", f"/{function.name}", function.name) for function in functions]
    application = Application(
        name="small",
        summary="",
        functions=[*functions, *front, Function("compute_long", "lab.tests.testbed.handlers.compute_long")],
        users=lambda _generator: lambda _browser: iter(()),
        gap=lambda _time, _generator: 60.0,
        routes=[*routes, Route("small", "POST", "/do", "Front")],
        tables=[Table(SEEN)],
    )
    with LocalCloud(application, 1, START) as cloud:
        yield cloud


def _invoke(function: str, **event: Any) -> tuple[str, str, dict[str, Any]]:
    return ("lambda", "invoke", {"FunctionName": function, "Payload": json.dumps(event)})


@pytest.mark.parametrize("function", _FAILING)
def test_a_request_is_answered_whatever_its_function_does(cloud: LocalCloud, function: str) -> None:
    answer = cloud.request("small", "POST", f"/{function}", {"status": 1})
    assert answer == {"message": "Internal server error"}
    stages = [
        segment
        for trace in cloud.take_traces()
        for segment in trace["segments"]
        if segment["origin"] == "AWS::ApiGateway::Stage"
    ]
    assert [stage["http"]["response"]["status"] for stage in stages] == [502]
    [run] = cloud.take_facts().runs
    assert (run.function, run.status == "success") == (function, False)


@pytest.mark.parametrize("function", _FAILING)
def test_a_caller_hears_what_became_of_the_function(cloud: LocalCloud, function: str) -> None:
    [answer] = ask(cloud, _invoke(function, status=1))
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    inner, outer = cloud.take_facts().runs
    assert json.loads(answer["Payload"])["errorType"] == inner.error_type
    assert (inner.function, outer.function, outer.status) == (function, "Front", "success")
    assert inner.end <= outer.end


def test_a_caller_whose_time_is_over_leaves_the_called_one_running(cloud: LocalCloud) -> None:
    answer = cloud.request(
        "small", "POST", "/do", {"calls": [_invoke("compute_long", compute_s=8, sleep_s=1)]}
    )
    assert answer == {"message": "Internal server error"}
    inner, outer = cloud.take_facts().runs
    assert (outer.status, round(outer.duration_s, 2)) == ("timeout", 5.0)
    assert (inner.status, round(inner.duration_s)) == ("success", 9)
    assert round(inner.cpu_s) == 8
    assert outer.cpu_s < 0.1
    assert inner.end > outer.end
    assert cloud.now() < inner.end
