"""TrainTicket's traces, on a sample made up here."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.peers.public import trainticket
from tests.benchmarks.public.samples import write_traces


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_traces(tmp_path)
    return tmp_path


def refusal(folder: Path) -> str:
    with pytest.raises(SystemExit) as refused:
        trainticket.load(folder)
    return str(refused.value)


def test_traces_are_read_whole(folder: Path) -> None:
    split = trainticket.load(folder)
    assert (len(split.train), split.normal.total(), split.abnormal.total()) == (150, 40, 10)


def test_a_call_takes_its_response_time_and_what_is_not_there_is_no_call(folder: Path) -> None:
    (folder / "train").write_text("5f-1:12.5,0,0,0,0,250\n")
    (trace,) = trainticket.load(folder).train
    assert trace == (("path a", 0.0125), ("path f", 0.25))


def test_what_is_no_folder_of_traces_is_refused(tmp_path: Path) -> None:
    assert "is no folder; give the one that holds train, test_normal, test_abnormal." in refusal(
        tmp_path / "none"
    )
    assert refusal(tmp_path).endswith("train: is missing.")
    (tmp_path / "train.zip").touch()
    assert refusal(tmp_path).endswith("train: is missing; unpack train.zip first.")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no colon", "is not a trace: an id, a colon"),
        ("id:", "is not a trace"),
        ("id:1,x,0,0,0,0", "is not a trace"),
        ("id:1,-2,0,0,0,0", "is not a trace"),
        ("id:1,nan,0,0,0,0", "is not a trace"),
        ("id:1,2", "holds 2 times where other lines hold 6."),
        ("id:0,0,0,0,0,0", "is a trace without any call."),
    ],
)
def test_a_line_that_is_no_trace_is_refused_with_its_number(folder: Path, line: str, said: str) -> None:
    with (folder / "test_normal").open("a") as file:
        file.write(f"{line}\n")
    assert f"test_normal, line 41: {said}" in refusal(folder)


def test_an_empty_file_is_refused(folder: Path) -> None:
    (folder / "test_abnormal").write_text("")
    assert refusal(folder).endswith("test_abnormal: holds no trace.")
