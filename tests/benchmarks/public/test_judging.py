"""Public data from a folder to the table, on made-up sessions."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.peers.__main__ import main
from benchmarks.peers.public import hdfs, imitation, judging
from benchmarks.peers.public.report import f1, report
from benchmarks.peers.public.split import Split, Step
from benchmarks.quality.figures import Rate
from tests.benchmarks.public.samples import write_traces

A, B = Step("a", 1.0), Step("b", 1.0)


def split() -> Split:
    return Split(((A, B),) * 60, Counter({(A, B): 30, (A,): 2}), Counter({(B,): 5, (A, B): 1}))


def test_f1_and_its_interval_follow_from_jaccards_index() -> None:
    outcome = judging.Outcome("rule", found=80, missed=20, false=20, normal=900)
    assert outcome.precision == outcome.recall == Rate(80, 100)
    assert outcome.agreement == Rate(80, 120)
    assert f1(outcome.agreement).startswith("0.800 (0.7")
    assert f1(Rate()) == "-"


def test_equal_sessions_are_judged_once_and_counted_as_often_as_they_came() -> None:
    seen, *coldtrail = judging.outcomes(split(), "made-up")
    assert (seen.found, seen.missed, seen.false, seen.normal) == (5, 1, 2, 32)
    assert len(coldtrail) == 2
    assert all(one.found + one.missed == 6 and one.normal == 32 for one in coldtrail)


def test_the_smallest_budget_held_leaves_three_learned_sessions() -> None:
    assert judging.held(split()) == 0.05


def test_the_report_stands_beside_published_figures() -> None:
    text = report("hdfs", split(), [judging.Outcome("ours", 5, 1, 0, 32)])
    assert "60 sessions learned, 32 normal and 6 abnormal ones judged." in text
    assert "| ours | 1.000 (.566 to 1.000; 5/5) | .833" in text
    assert "| DeepLog (Du et al. 2017) | .95 | .96 | .96 | - |" in text


def test_orders_say_nothing_and_replicas_that_are_missing_or_too_many_do(tmp_path: Path) -> None:
    imitation.write(tmp_path, 9, 1500, 1500, 150)
    _, default, _ = judging.outcomes(hdfs.load(tmp_path), "hdfs")
    assert (default.recall.share or 0.0) >= 0.98
    assert (default.false_alarms.share or 0.0) <= 0.01


def test_the_command_prints_both_data_sets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    imitation.write(tmp_path / "hdfs", 9, 120, 60, 20)
    (tmp_path / "tt").mkdir()
    write_traces(tmp_path / "tt")
    given = ["--hdfs", tmp_path / "hdfs", "--trainticket", tmp_path / "tt", "--keep", tmp_path / "out"]
    monkeypatch.setattr(sys, "argv", ["peers", *map(str, given)])
    assert main() == 0
    text = capsys.readouterr().out
    assert "### HDFS, DeepLog's split" in text
    assert "| Coldtrail, default budget" in text
    assert "### TrainTicket, TraceAnomaly's split" in text
    assert (tmp_path / "out" / "public.md").read_text().strip() == text.strip()


def test_a_wrong_path_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ["--hdfs", str(tmp_path / "none"), "--keep", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["peers", *given])
    with pytest.raises(SystemExit, match="none: is no folder"):
        main()
    assert not (tmp_path / "out").exists()
