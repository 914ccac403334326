"""Which sources can be asked for what was."""

from __future__ import annotations

from typing import Any

from coldtrail.service.settings import live_settings_from
from coldtrail.verbs.backfill.reaching import Reachable, reachable

QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/told"


def asked(**source: Any) -> Reachable:
    return reachable(live_settings_from({"source": [source]}, "test").sources, 2.0)


def test_a_source_with_a_start_begins_so_far_back() -> None:
    found = asked(kind="cloudwatch-logs", groups=["aws/spans"])
    (table,) = found.tables
    assert getattr(table.settings, "since_s", 0) == 172_800.0
    assert found.notes == ()


def test_a_bucket_is_listed_where_a_queue_tells_only_of_what_is_new() -> None:
    found = asked(kind="s3", queue=QUEUE, bucket="trail")
    (table,) = found.tables
    assert (getattr(table.settings, "queue", None), getattr(table.settings, "bucket", "")) == ("", "trail")
    assert found.notes == ("s3: its bucket is listed, for the queue tells only of new objects.",)


def test_what_cannot_be_asked_is_said() -> None:
    assert asked(kind="sqs", queue=QUEUE).tables == ()
    assert "holds only what is new" in asked(kind="s3", queue=QUEUE).notes[0]
    pushed = asked(kind="otlp")
    assert (pushed.tables, "cannot be asked for what was" in pushed.notes[0]) == ((), True)
    assert asked(kind="files", path="x").notes == (
        "files knows no time to begin at: all that it holds is learned.",
    )
