"""A small cloud whose functions write down what woke them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from coldtrail_testbed.applications.model import Application, Function, Grant, Route, Table
from coldtrail_testbed.cloud.local_cloud import LocalCloud

from .conftest import START

SEEN = "Seen"
ANYTHING = [Grant(("*",), "*")]


def small_application(*functions: str, **parts: Any) -> Application:
    """An application with a function `Front` behind `POST /do`, the other `functions`, and `parts`.

    Its functions may do everything.
    """
    handler = "lab.tests.testbed.woken.handler"
    return Application(
        name="small",
        summary="",
        functions=[Function(name, handler, grants=ANYTHING) for name in ("Front", *functions)],
        users=lambda _generator: lambda _browser: iter(()),
        gap=lambda _time, _generator: 60.0,
        routes=[Route("small", "POST", "/do", "Front")],
        tables=[Table(SEEN), *parts.pop("tables", ())],
        **parts,
    )


@contextmanager
def small_cloud(application: Application, seed: int = 1) -> Iterator[LocalCloud]:
    """The cloud with `application` in it."""
    with LocalCloud(application, seed, START) as cloud:
        yield cloud


def ask(cloud: LocalCloud, *calls: tuple[str, str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers to what `Front` was asked to call."""
    answers: list[dict[str, Any]] = cloud.request("small", "POST", "/do", {"calls": calls})
    return answers


def events_of(cloud: LocalCloud, function: str) -> list[Any]:
    """What woke `function` so far, in no order."""
    items = cloud.client("dynamodb").scan(TableName=SEEN)["Items"]
    return [json.loads(item["event"]["S"]) for item in items if item["function"]["S"] == function]


def segments_of(cloud: LocalCloud, origin: str) -> list[dict[str, Any]]:
    """The segments of one origin in the traces since the last call."""
    return [
        segment
        for trace in cloud.take_traces()
        for segment in trace["segments"]
        if segment["origin"] == origin
    ]
