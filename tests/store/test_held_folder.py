"""One service at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.errors import ConfigError, StoreError
from coldtrail.store.held_folder import held_folder


def test_a_second_one_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with held_folder(folder):
        assert folder.stat().st_mode & 0o777 == 0o700
        with pytest.raises(ConfigError, match="another service is using"), held_folder(folder):
            pass
    with held_folder(folder):
        pass


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(ConfigError, match="no folder"), held_folder(tmp_path / "a"):
        pass
    with pytest.raises(StoreError, match="nothing can be kept"), held_folder(tmp_path / "a" / "b"):
        pass
