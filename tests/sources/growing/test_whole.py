"""Files that are read as a whole."""

from __future__ import annotations

import io
from pathlib import Path

from coldtrail.config import LimitSettings
from coldtrail.records.tally import Tally
from coldtrail.sources.growing.cutting import Growth
from coldtrail.sources.growing.folder import Seen
from coldtrail.sources.growing.followed import Followed
from coldtrail.sources.growing.whole import Whole


def test_a_position_that_was_not_taken_over_is_read_again(tmp_path: Path) -> None:
    """What was given but not noted, since an error came between, is given once more."""
    path = tmp_path / "a.json"
    path.write_bytes(b"".join(b'{\n"a": %d}\n' % number for number in range(5_000)))
    seen = Seen("1:1", str(path), path.stat().st_size, 0.0, 0.0)
    whole = Whole(LimitSettings(), Tally())
    begun = Followed(str(path), Growth.WHOLE)
    with io.FileIO(path) as file:
        after, documents, more = whole.read(file, seen, begun, settled=True)
        assert (len(documents), after.documents, more) == (2_000, 2_000, True)
        assert whole.read(file, seen, begun, settled=True)[:2] == (after, documents)
        assert whole.read(file, seen, after, settled=True)[0].documents == 4_000
        assert whole.read(file, seen, after, settled=False) == (after, [], False)
    whole.close()
