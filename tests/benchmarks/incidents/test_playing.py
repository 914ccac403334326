"""What is recorded when."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from benchmarks.incidents.playing import Plan, day_after, each


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


def test_users_come_as_often_in_what_is_judged_as_in_what_was_learned() -> None:
    plan = Plan()
    learned, judged = plan.learn_visits / plan.learn_days, plan.visits / plan.days
    assert judged == pytest.approx(learned, rel=0.15)


def test_seeds_are_played_in_parallel_and_told_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    running = list[int]()
    most = 0

    def play(seed: int, app: str) -> tuple[int, str]:
        nonlocal most
        running.append(seed)
        most = max(most, len(running))
        time.sleep(0.2 if seed == 7 else 0.05)
        running.remove(seed)
        return seed, app

    assert each([7, 8, 9], None, 2, play) == [(7, "airline"), (8, "vod"), (9, "airline")]
    assert most == 2
    assert "3 of 3: " in capsys.readouterr().err


def test_a_run_that_fails_is_not_left_out() -> None:
    def play(seed: int, _app: str) -> int:
        return 1 // (seed - 8)

    with pytest.raises(ZeroDivisionError):
        each([7, 8, 9], "vod", 2, play)
