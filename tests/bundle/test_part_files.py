"""The files of a bundle by the names of their parts."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.bundle.part_files import PartFiles
from coldtrail.bundle.parts import compressed, packed
from coldtrail.errors import ConfigError
from coldtrail.features.arrays import floats


def test_parts_are_found_by_name_whatever_they_end_in() -> None:
    arrays = {"x": np.arange(3.0)}
    parts = PartFiles({"a.arrays": packed(arrays), "b.json.zst": compressed(b'{"b":1}'), "c.json": b"[]"})
    assert parts.has("a")
    assert not parts.has("d")
    assert parts.text("b") == b'{"b":1}'
    assert parts.text("c") == b"[]"
    assert parts.arrays("a")["x"].tolist() == [0.0, 1.0, 2.0]
    assert list(parts.checked("a", (floats("x", 3),), {})) == ["x"]
    with pytest.raises((ValueError, ConfigError)):
        parts.checked("a", (floats("x", 4),), {})
    with pytest.raises(KeyError):
        parts.text("d")
