"""Compressed files whose bytes follow from their content alone."""

import gzip
from pathlib import Path

from coldtrail_testbed.compressed_file import CompressedFile


def test_equal_content_gives_equal_bytes_under_any_name(tmp_path: Path) -> None:
    for name in ("one.gz", "two.gz"):
        with CompressedFile(tmp_path / name) as file:
            file.write(b"content")
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
    assert gzip.decompress((tmp_path / "one.gz").read_bytes()) == b"content"
