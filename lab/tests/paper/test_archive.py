"""The export: the same data, in a small file."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import MISSING, fields
from pathlib import Path

import numpy as np
import pytest

from coldtrail.errors import ConfigError
from coldtrail.features.batch import Encoded
from coldtrail.features.wording import Wording
from coldtrail_paper.archive import load, save
from coldtrail_paper.dataset import Data


def test_what_is_loaded_is_what_was_saved(data: Data, tmp_path: Path) -> None:
    save(data, tmp_path / "data.npz")
    again = load(tmp_path / "data.npz")
    for ours, theirs in ((data.train, again.train), (data.test, again.test)):
        for name in ("application", "function", "attack"):
            assert np.array_equal(getattr(ours, name), getattr(theirs, name))
        for one in fields(Wording):
            assert np.array_equal(
                getattr(ours.flows.wording, one.name), getattr(theirs.flows.wording, one.name)
            )
        for one in fields(Encoded):
            mine, other = getattr(ours.flows, one.name), getattr(theirs.flows, one.name)
            if one.default is MISSING:
                assert np.array_equal(mine, other)
                assert mine.dtype == other.dtype
    assert (tmp_path / "data.npz").stat().st_size < 400 * len(data.train)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    with pytest.raises(ConfigError, match="no exported experiment"):
        load(path)
    path.write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(ConfigError, match="no exported experiment"):
        load(path)


def test_another_machine_needs_no_reader_of_traces() -> None:
    """The enquiry's own imports: numpy and msgspec, and Keras once it trains."""
    code = (
        "import sys\n"
        "for name in ('rich', 'jinja2', 'moto', 'boto3', 'coldtrail_testbed', 'backports.zstd'):\n"
        "    sys.modules[name] = None\n"
        "import coldtrail_paper.archive, coldtrail_paper.enquiry\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
