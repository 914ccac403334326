"""Two folders change places."""

from __future__ import annotations

import ctypes
import errno
from pathlib import Path

import pytest

from coldtrail.store.exchange import exchange


def two(tmp_path: Path) -> tuple[Path, Path]:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / folder.name).write_bytes(b"")
    return one, other


def answering(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    class Library:
        @staticmethod
        def renamex_np(*_: object) -> int:
            return -1

    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: Library())
    monkeypatch.setattr(ctypes, "get_errno", lambda: number)


def test_each_stands_where_the_other_stood(tmp_path: Path) -> None:
    one, other = two(tmp_path)
    assert exchange(one, other)
    assert (one / "other").exists()
    assert (other / "one").exists()


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent"):
        exchange(tmp_path, tmp_path / "absent")


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EINVAL, errno.ENOTSUP])
def test_systems_and_file_systems_that_know_no_exchange_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    answering(monkeypatch, number)
    assert not exchange(*two(tmp_path))
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())
    assert not exchange(tmp_path / "one", tmp_path / "other")


def test_other_refusals_are_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, errno.EACCES)
    with pytest.raises(PermissionError):
        exchange(*two(tmp_path))
