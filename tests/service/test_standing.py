"""What is stored of alerts and cases, and what a commit has to write."""

from __future__ import annotations

from msgspec.structs import replace

from coldtrail.alerts.deciding import CLOSE, EXPIRE
from coldtrail.records.silence import Matcher
from coldtrail.service.standing import Standing, Told
from coldtrail.store.database import Changes, Decision
from tests.alerts.live_alerts import START, make_alert, make_silence
from tests.service.memory import MemoryDatabase


def told(standing: Standing, database: MemoryDatabase, *ids: str, forgotten: float = 0.0) -> Told:
    found = standing.told([make_alert(id) for id in ids], [], START, forgotten)
    database.commit(Changes(alerts=found.alerts, silences=found.silences))
    standing.written(found)
    return found


def test_what_stands_as_it_did_is_not_written_again() -> None:
    database = MemoryDatabase()
    standing = Standing(database, "b")
    assert [row.alert.id for row in told(standing, database, "a", "b").alerts] == ["a", "b"]
    assert told(standing, database, "a", "b") == Told((), (), (), (), ())
    assert told(Standing(database, "b"), database, "a", "b") == Told((), (), (), (), ())


def test_a_decision_made_at_the_same_moment_is_not_lost() -> None:
    database = MemoryDatabase()
    standing = Standing(database, "b")
    told(standing, database, "a")
    database.commit(Changes(decisions=(Decision(START, "ann", CLOSE, "a", "benign"),)))
    assert standing.has_decisions
    (row,) = told(standing, database, "a").alerts
    assert (row.episode.state, row.episode.resolution) == ("closed", "benign")
    assert not standing.has_decisions


def test_a_silence_that_somebody_ended_stays_ended_and_counts_what_it_kept_back() -> None:
    database = MemoryDatabase()
    standing = Standing(database, "b")
    silence = make_silence(Matcher("function", "=", "Order"))
    database.commit(Changes(silences=(silence,)))
    assert told(standing, database, "a").notices == ()
    assert database.known["s"].hits == 1
    database.commit(Changes(decisions=(Decision(START + 5, "ann", EXPIRE, "s"),)))
    told(standing, database, "a")
    assert database.known["s"] == replace(silence, hits=1, last_hit=START, ends_at=START + 5)


def test_what_was_removed_for_its_age_is_no_news() -> None:
    database = MemoryDatabase()
    standing = Standing(database, "b")
    assert told(standing, database, "a", forgotten=START + 1).notices == ()
    assert database.alert_rows == {}


def test_what_a_line_that_goes_on_has_not_come_to_again_is_not_taken_back() -> None:
    database = MemoryDatabase()
    told(Standing(database, "b"), database, "a")
    (seen,) = (row.episode.last_seen for row in Standing(database, "b").told([], [], START).alerts)
    assert Standing(database, "b").told([], [], START, certain=seen).alerts == ()
    (row,) = Standing(database, "b").told([], [], START, certain=seen + 3600).alerts
    assert row.episode.withdrawn
