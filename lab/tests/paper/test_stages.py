"""Stages: done once, done anew when their settings change or their file is damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from coldtrail_paper.stages import Result, Stages, key_of


class Work:
    """A stage that counts how often it is done."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Result:
        self.times += 1
        return Result({"answer": 42, "list": [1.5]}, {"errors": np.arange(3, dtype=np.float32)})


def test_a_stage_is_done_once(tmp_path: Path) -> None:
    work = Work()
    first = Stages(tmp_path).result("one", {"seed": 1}, work)
    again = Stages(tmp_path).result("one", {"seed": 1}, work)
    assert work.times == 1
    assert first.facts == again.facts == {"answer": 42, "list": [1.5]}
    assert again.arrays["errors"].tolist() == [0.0, 1.0, 2.0]
    assert [one.facts for one in Stages(tmp_path).all()] == [first.facts]


def test_other_settings_do_it_anew(tmp_path: Path) -> None:
    work = Work()
    Stages(tmp_path).result("one", {"seed": 1}, work)
    Stages(tmp_path).result("one", {"seed": 2}, work)
    assert work.times == 2


def test_the_order_of_settings_does_not_matter() -> None:
    assert key_of({"a": 1, "b": [2]}) == key_of({"b": [2], "a": 1}) != key_of({"a": 1, "b": [3]})


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut", b"no archive"])
def test_a_damaged_file_is_done_anew(tmp_path: Path, damage: bytes) -> None:
    work = Work()
    Stages(tmp_path).result("one", {}, work)
    (tmp_path / "one.npz").write_bytes(damage)
    assert Stages(tmp_path).result("one", {}, work).facts["answer"] == 42
    assert work.times == 2


def test_a_cut_file_is_done_anew(tmp_path: Path) -> None:
    work = Work()
    Stages(tmp_path).result("one", {}, work)
    path = tmp_path / "one.npz"
    path.write_bytes(path.read_bytes()[:-40])
    Stages(tmp_path).result("one", {}, work)
    assert work.times == 2


def test_an_interrupted_stage_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> Result:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Stages(tmp_path).result("one", {}, interrupted)
    assert list(tmp_path.iterdir()) == []
