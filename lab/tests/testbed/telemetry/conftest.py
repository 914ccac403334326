"""A small truth, made by hand, and what the writers make of it."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.facts import Facts
from coldtrail_testbed.telemetry.model import Writer

from .truth import small_facts, small_traces


def lines(path: Path) -> list[dict[str, Any]]:
    """The records of a compressed file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write(writer: type[Writer], folder: Path, facts: Facts, traces: list[dict[str, Any]]) -> Writer:
    """A closed writer that took `facts` and `traces`."""
    folder.mkdir(parents=True, exist_ok=True)
    made = writer(folder)
    made.facts(facts)
    for trace in traces:
        made.trace(trace)
    made.close()
    return made


@pytest.fixture
def facts() -> Facts:
    """The facts of the small truth."""
    return small_facts()


@pytest.fixture
def traces() -> list[dict[str, Any]]:
    """The traces of the small truth."""
    return small_traces()
