"""How late telemetry came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from coldtrail.records.telemetry import Document, LogPlace, Observations
from coldtrail.records.witnesses import Access, ApiCall, Report
from coldtrail.verbs.coverage.lag import Lag, Lags
from coldtrail.verbs.inspecting import inspect
from tests.fixtures.witnesses import LAMBDA_REPORT
from tests.verbs.test_expecting import START, record

FILE = "111122223333_CloudTrail_eu-west-1_20231114T2217Z_AbCdEf0123456789.json.gz"


def call(time: float) -> ApiCall:
    return ApiCall("e", time, "111122223333", "eu-west-1", "S3", "GetObject")


def test_the_name_of_a_file_of_cloudtrail_says_when_it_was_delivered() -> None:
    lags = Lags()
    lags.take(
        Document(b"", f"a/{FILE}"), Observations(calls=(call(START), call(START + 10), call(START + 190)))
    )
    assert lags.found() == [Lag("audit log", 3, 270.0, 280.0)]


def test_log_events_say_when_the_log_took_them_in() -> None:
    lags = Lags()
    log = LogPlace("g", "s", time=START, arrived=START + 2.5)
    told = Observations(
        reports=(Report(START, "r", "Order"), Report(None, "r", "Order")), accesses=(Access(START, "r"),)
    )
    lags.take(Document(b"", "a.json", log=log), told)
    assert lags.found() == [Lag("access log", 1, 2.5, 2.5), Lag("reports", 1, 2.5, 2.5)]


def test_nothing_is_told_where_nothing_says_when_it_came() -> None:
    lags = Lags()
    for origin in ("trail.json", FILE.replace("20231114T2217", "20231399T9999")):
        lags.take(Document(b"", origin), Observations(calls=(call(START),)))
    assert lags.found() == []


def test_clocks_that_run_ahead_are_no_lag_and_few_different_ones_are_kept() -> None:
    lags = Lags()
    for number in range(5_000):
        lags.take(Document(b"", FILE), Observations(calls=(call(START + 400 - number / 7),)))
    (lag,) = lags.found()
    assert lag.records == 5_000
    assert 0.0 <= lag.median_s < lag.most_s
    assert len(lags._of["audit log"]) < 2_000


def test_inspect_tells_it(tmp_path: Path) -> None:
    (tmp_path / FILE.removesuffix(".gz")).write_text(json.dumps({"Records": [record("e1", START)]}))
    event: dict[str, Any] = {"logStreamName": "2026/11/30/[7]0af1b2c3d4e5f607", "eventId": "1"}
    event |= {"message": json.dumps(LAMBDA_REPORT), "timestamp": 1_796_040_000_766}
    events = [event | {"ingestionTime": 1_796_040_002_766}]
    (tmp_path / "answer.json").write_text(json.dumps({"events": events}))
    assert [(one.of, one.most_s) for one in inspect(tmp_path).lag] == [("audit log", 280.0), ("reports", 2.0)]
