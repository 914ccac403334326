"""An application that is played without an end: what is told of it, in which order."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from coldtrail_testbed.errors import TestbedError
from coldtrail_testbed.playing import Strikes, lines_of, main, play_of

START = 1_783_368_028.0


def played(form: str) -> list[dict[str, Any]]:
    begins = {"longer_run": START}
    return list(lines_of(play_of("airline", form, 1, START, 120.0, begins)))


def test_documents_come_as_their_parts_end_before_it_is_said_that_all_is_told() -> None:
    lines = played("xray")
    assert any("send" in line for line in lines)
    for line in (line for line in lines if "send" in line):
        assert line["at"] == line["send"]["end_time"]
        assert line["send"]["trace_id"] == line["trace"]
    attacked = [line for line in lines if "attack" in line]
    assert {line["function"] for line in attacked} == {"CollectPayment"}
    assert len(attacked) == 2  # then it is over
    traces = [line["trace"] for line in lines if "send" in line]
    assert {line["trace"] for line in attacked} <= set(traces)


def test_spans_are_exported_by_resource() -> None:
    sent = [line["send"] for line in played("otlp") if "send" in line]
    assert sent
    assert all(len(request["resourceSpans"]) == 1 for request in sent)


def test_an_attack_strikes_until_it_came_about_often_enough() -> None:
    strikes = Strikes({"a": "f", "b": "f"}, {"a": 10.0, "b": 20.0}, number=1)
    assert strikes.choose("f", 9.0) is None
    assert (strikes.choose("f", 10.0), strikes.choose("g", 10.0)) == ("a", None)
    strikes.made["a"] += 1
    assert (strikes.choose("f", 15.0), strikes.choose("f", 20.0)) == (None, "b")


def test_wrong_use_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TestbedError, match="form"):
        play_of("airline", "smoke", 1, START, 1.0, {})
    given = ["--app", "airline", "--start", str(START), "--virtual-seconds", "1", "--attacks"]
    assert main([*given, json.dumps({"rain": START})], io.StringIO()) == 2
    assert "rain" in capsys.readouterr().err
