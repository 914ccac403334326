"""What is recorded when."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from benchmarks.incidents.playing import day_after


@pytest.mark.parametrize(
    ("last", "judged"),
    [
        (datetime(2026, 3, 11, 23, 59, tzinfo=UTC), date(2026, 3, 12)),
        (datetime(2026, 3, 13, 0, 0, 1, tzinfo=UTC), date(2026, 3, 14)),
    ],
)
def test_what_is_judged_begins_after_all_that_was_learned(
    tmp_path: Path, last: datetime, judged: date
) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"last_time": last.timestamp()}))
    assert day_after(tmp_path) == judged
