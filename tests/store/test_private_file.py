"""Files that nobody but their owner may read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from coldtrail.store.private_file import write_private


def test_its_owner_alone_may_read_it_from_the_first_moment(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    for rights in (0o644, 0o600):
        write_private(path, b"first")
        assert path.read_bytes() == b"first"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(rights)
    assert os.listdir(path.parent) == ["secret"]


def test_a_link_is_replaced_and_what_it_leads_to_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"theirs")
    (tmp_path / "secret").symlink_to(tmp_path / "other")
    write_private(tmp_path / "secret", b"mine")
    assert (tmp_path / "other").read_bytes() == b"theirs"
    assert not (tmp_path / "secret").is_symlink()


def test_a_disk_that_does_not_take_it_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_private(tmp_path / "secret", b"before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(tmp_path / "secret", b"after")
    assert os.listdir(tmp_path) == ["secret"]
    assert (tmp_path / "secret").read_bytes() == b"before"
