"""Cases as JSON lines: the form that `score --cases` writes and `score --json` prints."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from coldtrail.alerts.showing.json import in_json
from coldtrail.records.case import Case
from coldtrail.reports.alert_lines import Withdrawn
from coldtrail.store.whole_file import write_whole


def write_cases(cases: Iterable[Case], path: Path, withdrawn: Iterable[str] = ()) -> None:
    """Writes one case a line, and one for each id that stands no more; raises `ColdtrailError` where the file
    cannot be written."""
    encode = msgspec.json.Encoder().encode
    lines: tuple[list[Case], list[Withdrawn]] = list(cases), [Withdrawn(one) for one in withdrawn]
    write_whole(path, (in_json(encode(line)) + b"\n" for some in lines for line in some))
