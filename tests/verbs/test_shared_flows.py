"""Flows that several workers read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from coldtrail.config import Settings
from coldtrail.features.lean import whole
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.tally import Tally
from coldtrail.verbs import shared_flows
from coldtrail.verbs.reading import read_flows
from coldtrail.verbs.shared_flows import flows_in
from coldtrail.verbs.tasks import Task, tasks_for
from tests.verbs.shared_telemetry import Inline, to_read, write_mixed


@contextmanager
def inline(tasks: Sequence[Task], progress: object, total: int) -> Iterator[Inline]:
    yield Inline(tasks)


@pytest.mark.parametrize("number", [2, 3])
def test_flows_come_as_one_would_give_them(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_flows, "working", inline)
    mixed = write_mixed(tmp_path / "mixed")
    flows, tally = read_flows(mixed, Settings(), "auto")
    expected = list(flows)
    told = Tally()
    tasks = tasks_for(number, "flows", to_read(mixed))
    assert list(map(whole, flows_in(tasks, told, lambda *what: None, 0, Pseudonyms()))) == expected
    assert told.counts == tally.counts
    assert told.sentences() == tally.sentences()
