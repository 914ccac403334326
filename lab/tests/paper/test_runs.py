"""Runs: reused where they are as planned, recorded where they are missing, else refused in a sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from coldtrail.errors import ConfigError
from coldtrail_paper.plan import RunPlan, plan
from coldtrail_paper.runs import RUN, Run, missing, obtain
from lab.tests.paper.conftest import refuse
from lab.tests.paper.small_runs import SMALL, run_facts, write_run


def test_runs_that_are_there_are_reused(runs: list[Run]) -> None:
    assert [run.folder.name for run in runs] == ["airline-train", "airline-test", "vod-train", "vod-test"]
    assert [run.visits for run in runs] == [12, 12, 20, 20]
    assert runs[0].hours == 2.0
    assert len({run.digest for run in runs}) == 4


def test_what_is_missing_is_recorded(runs_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(runs_folder, tmp_path / "runs")
    shutil.rmtree(folder / "vod-test")
    assert [each.name for each in missing(SMALL, folder)] == ["vod-test"]
    asked: list[str] = []

    def record(each: RunPlan, place: Path) -> None:
        asked.append(each.name)
        write_run(place, each)

    assert len(obtain(SMALL, folder, record)) == 4
    assert asked == ["vod-test"]
    assert missing(SMALL, folder) == []


def test_runs_of_another_size_are_refused_unless_any_will_do(runs_folder: Path) -> None:
    with pytest.raises(ConfigError, match="12 visits and seed 111 where 800 and 111 are planned; choose"):
        obtain(plan(), runs_folder, refuse)
    assert len(obtain(plan(seed=9), runs_folder, refuse, any_size=True)) == 4


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"application": "vod"}, "must be a run of airline with attacks of the paper"),
        ({"settings": {"attacks": [], "attack_share": 0.1}}, "must be a run of airline with attacks"),
        ({"interrupted": True}, "recording was interrupted"),
        ({"counts": {}}, "no recorded run: KeyError"),
        ({"seed": None}, "no recorded run: TypeError"),
    ],
)
def test_another_run_under_the_name_is_refused(
    runs_folder: Path, tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    folder = shutil.copytree(runs_folder, tmp_path / "runs")
    (folder / "airline-test" / RUN).write_text(json.dumps(run_facts(SMALL.runs[1]) | changes))
    with pytest.raises(ConfigError, match=words):
        obtain(SMALL, folder, refuse)


def test_the_same_run_twice_is_refused(runs_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(runs_folder, tmp_path / "runs")
    for name in ("traces.jsonl.gz", "labels.jsonl"):
        shutil.copy(folder / "airline-train" / name, folder / "airline-test" / name)
    with pytest.raises(ConfigError, match="are the same run"):
        obtain(SMALL, folder, refuse)
