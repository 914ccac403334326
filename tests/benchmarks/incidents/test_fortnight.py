"""What is counted of a fortnight in which nothing is wrong."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.incidents.fortnight import Fortnight, table, told


def test_what_was_withdrawn_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"first_time": 0.0, "last_time": 14 * 86_400.0}))
    alerts = [{"id": "a", "severity": "low", "title": "t"}, {"id": "b", "withdrawn": True}]
    (tmp_path / "alerts.jsonl").write_text("".join(json.dumps(one) + "\n" for one in alerts))
    assert told(1, "vod", tmp_path, tmp_path) == Fortnight(1, "vod", 14.0, ("low: t",), ())


def test_rates_are_a_day_over_all_seeds_by_severity() -> None:
    fortnights = [
        Fortnight(1, "vod", 14.0, ("low: a", "high: b: c"), ("high: b",)),
        Fortnight(2, "airline", 14.0, (), ()),
    ]
    text = table(fortnights)
    assert "| low | 0.036 [0.001, 0.199] | 0.000 [0.000, 0.132] |" in text
    assert "| high | 0.036 [0.001, 0.199] | 0.036 [0.001, 0.199] |" in text
    assert "| all | 0.071 [0.009, 0.258] | 0.036 [0.001, 0.199] |" in text
    assert "2 fortnights, 28 days." in text
    assert "airline, seed 2:\n- nothing was told" in text
