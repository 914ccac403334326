"""What people decided becomes feedback that an update learns."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from coldtrail.alerts.deciding import closing, decided
from coldtrail.alerts.episodes import followed
from coldtrail.records.silence import Matcher
from coldtrail.store.database import AlertRow, Changes
from coldtrail.verbs.feeding_back import feedback_of, write_feedback
from coldtrail.verdicts.feedback import Remark, read_feedback
from tests.alerts.live_alerts import make_alert, make_silence
from tests.service.memory import MemoryDatabase


def kept(id: str, what: str = "", detail: str = "", silence: str | None = None) -> AlertRow:
    alert = make_alert(id)
    episode = followed([alert], {}).episodes[0]
    return AlertRow(alert, replace(decided(episode, what, detail), suppressed_by=silence))


def test_accepted_runs_are_benign_and_those_of_true_alerts_malicious(tmp_path: Path) -> None:
    database = MemoryDatabase()
    teaching = replace(make_silence(Matcher("kind", "=", "x"), id="teaches"), teach=True)
    rows = (
        kept("open"),
        kept("accepted", "accept", "ours"),
        kept("true", "close", closing("true", "")),
        kept("benign", "close", closing("benign", "")),
        kept("silenced", silence="s"),
        kept("taught", silence="teaches"),
    )
    database.commit(Changes(alerts=rows, silences=(teaching, make_silence(id="s"))))
    remarks = feedback_of(database)
    assert remarks == [
        Remark("f1", "benign", None, "ours", "t1"),
        Remark("f1", "malicious", None, "", "t1"),
        Remark("f1", "benign", None, "", "t1"),
    ]
    assert write_feedback(database, tmp_path / "said.jsonl") == 3
    assert read_feedback(tmp_path / "said.jsonl") == remarks
