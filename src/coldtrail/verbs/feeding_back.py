"""What people decided on alerts, as the feedback that `coldtrail update` learns from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from coldtrail.alerts.showing.json import in_json
from coldtrail.service.standing import all_alerts
from coldtrail.store.database import AlertRow, Database
from coldtrail.store.whole_file import write_whole
from coldtrail.verdicts.feedback import Remark


def feedback_of(database: Database) -> list[Remark]:
    """A remark on each run of an alert that people decided on: those that were accepted, by hand or by a
    silence that teaches, are benign; those of alerts that were closed as true are malicious."""
    teaching = {one.id for one in database.silences() if one.teach}
    return [one for row in all_alerts(database) for one in _remarks(row, teaching)]


def _remarks(row: AlertRow, teaching: set[str]) -> Iterator[Remark]:
    episode = row.episode
    verdict: Literal["benign", "malicious"]
    if episode.state == "closed" and episode.resolution == "true":
        verdict = "malicious"
    elif episode.accepted or episode.suppressed_by in teaching:
        verdict = "benign"
    else:
        return
    for run in dict.fromkeys((row.alert.look_at, *row.alert.evidence)):
        if run.function_flow_id:
            yield Remark(run.function_flow_id, verdict, None, episode.note, run.application_flow_id or None)


def write_feedback(database: Database, output: Path) -> int:
    """How many remarks were written, one a line; raises `ColdtrailError` where the file cannot be written."""
    remarks = feedback_of(database)
    encode = msgspec.json.Encoder().encode
    write_whole(output, (in_json(encode(one)) + b"\n" for one in remarks))
    return len(remarks)
