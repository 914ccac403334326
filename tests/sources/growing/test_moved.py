"""Copies of what was read before."""

from __future__ import annotations

import gzip
from pathlib import Path

from coldtrail.config import LimitSettings
from coldtrail.sources.growing.cutting import Growth
from coldtrail.sources.growing.followed import Followed, marks
from coldtrail.sources.growing.moved import continued


def test_only_a_file_that_holds_all_of_it_goes_on_where_the_other_ended(tmp_path: Path) -> None:
    text = b"".join(b"%06d\n" % number for number in range(1_000))
    old = tmp_path / "old"
    old.write_bytes(text)
    with old.open("rb", buffering=0) as file:
        head, tail = marks(file, 5_000)
    before = [Followed("old", Growth.LINES, 5_000, head=head, tail=tail, gone=1.0)]
    for content, offset in ((text, 5_000), (text[:5_000], 5_000), (text[:4_000], 0), (text[1:], 0)):
        for packed, growth in ((content, Growth.LINES), (gzip.compress(content), Growth.WHOLE)):
            new = tmp_path / "new"
            new.write_bytes(packed)
            with new.open("rb", buffering=0) as file:
                found = continued(file, Followed("new", growth), before, LimitSettings())
            assert (found.path, found.growth, found.offset, found.gone) == ("new", growth, offset, 0.0)
