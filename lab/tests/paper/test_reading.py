"""From runs to data: the prominent functions, in order of time, with their labels."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from coldtrail.errors import ConfigError
from coldtrail_paper.dataset import Data
from coldtrail_paper.plan import FUNCTIONS
from coldtrail_paper.reading import read
from coldtrail_paper.runs import LABELS, TRACES, Run, obtain
from lab.tests.paper.conftest import refuse
from lab.tests.paper.small_runs import SMALL


def test_only_prominent_functions_are_read(data: Data) -> None:
    assert data.applications == ("airline", "vod")
    for part in (data.train, data.test):
        for app, names in FUNCTIONS.items():
            rows = part.rows_of(app)
            assert set(part.function[rows].tolist()) == set(names)
        assert len(part) == 12 * 8 + 20 * 4


def test_labels_are_the_run_s(data: Data, runs: list[Run]) -> None:
    labels = [line for run in runs for line in (run.folder / LABELS).read_text().splitlines()]
    attacks = sorted(json.loads(line)["attack"] for line in labels)
    assert sorted(data.test.attack[data.test.attack != ""].tolist()) == attacks
    assert set(data.train.attack.tolist()) == {""}


def test_applications_are_mixed_and_the_words_know_their_place(data: Data) -> None:
    last = data.train.application[-len(data.train) // 5 :].tolist()
    assert set(last) == {"airline", "vod"}
    assert data.train.flows.wording.rank.tolist() == list(range(len(data.train)))


def test_a_run_without_prominent_functions_is_refused(runs_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(runs_folder, tmp_path / "runs")
    with gzip.open(folder / "vod-train" / TRACES, "wb") as file:
        file.write(b"")
    with pytest.raises(ConfigError, match="no complete run of a prominent function"):
        read(obtain(SMALL, folder, refuse))


def test_labels_that_are_none_are_refused(runs_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(runs_folder, tmp_path / "runs")
    (folder / "vod-test" / LABELS).write_text("{}\n")
    with pytest.raises(ConfigError, match="labels cannot be read"):
        read(obtain(SMALL, folder, refuse))


def test_flows_taken_keep_their_words(data: Data) -> None:
    rows = data.train.rows_of("vod", "dynamo")
    taken = data.train.take(rows)
    words = taken.flows.wording
    assert len(words.offsets) == len(rows) + 1
    assert words.words[words.codes[0, 1]] == "dynamo"
    assert np.array_equal(np.diff(words.offsets), taken.flows.lengths)
