"""Traces every AWS call of the handler that imports this module first."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ParamSpec, TypeVar

from aws_xray_sdk.core import patch, xray_recorder

P = ParamSpec("P")
R = TypeVar("R")

patch(("botocore",))


def traced(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator: each call of the function becomes a subsegment `name`."""
    decorate: Callable[[Callable[P, R]], Callable[P, R]] = xray_recorder.capture(name)
    return decorate


def subsegment(name: str) -> AbstractContextManager[object]:
    """A context that becomes a subsegment `name`."""
    context: AbstractContextManager[object] = xray_recorder.in_subsegment(name)
    return context
