"""Every database keeps the same promises."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from threading import Thread

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coldtrail.errors import ConfigError, StoreError
from coldtrail.records.delivery import DeliveryState
from coldtrail.records.silence import Matcher
from coldtrail.store.database import Changes, Database, Decision, Page, VerdictRow
from coldtrail.store.databases import open_database
from tests.alerts.live_alerts import START, make_silence
from tests.store.kept import alert_row, make_case, make_checkpoint, make_delivery, make_verdict
from tests.store.killing import check_whole, killed
from tests.store.postgresql_server import PostgresqlServer

LONG = "".join(random.Random(1).choices([chr(code) for code in range(0x4000, 0x9000)], k=4_000))
KINDS = ("sqlite", "postgresql")


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> str:
    """Where a fresh database may be made."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("tmp_path") / "coldtrail.db")
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.fresh()


@pytest.fixture
def database(place: str) -> Iterator[Database]:
    opened = open_database(place)
    yield opened
    opened.close()


def ids(rows: Sequence[VerdictRow]) -> list[str]:
    return [row.id for row in rows]


def test_a_fresh_one_is_empty(database: Database) -> None:
    assert database.checkpoint() is None
    assert database.alerts() == database.cases() == ([], "")
    assert database.alert("a") is database.case("a") is database.verdict("a") is None
    assert database.silences() == database.decisions() == list(database.verdicts()) == []
    assert database.due(1e12, "team", 10) == database.waiting("team", "a1/1") == []
    assert database.deliveries("dead") == ([], "")
    assert database.counts() == {}
    assert database.prune(before=1e12, decided_before=1e12) == 0
    database.commit(Changes())


def test_all_of_a_commit_comes_back_after_a_restart(place: str) -> None:
    changes = Changes(
        checkpoint=make_checkpoint(),
        verdicts=(make_verdict("v1", flow=b"{}"), make_verdict("v2", 1.0, "anomalous")),
        alerts=(alert_row("a1"),),
        cases=(make_case("c1"),),
        deliveries=(make_delivery("d1"),),
        silences=(make_silence(Matcher("function", "=", "Order")),),
        decisions=(Decision(START, "ann", "acknowledge", "a1", "looks\x00odd"),),
        counts={"flows": 2, "alerts": 1},
    )
    database = open_database(place)
    database.commit(changes)
    database.close()
    for serving in (True, False):
        database = open_database(place, serving=serving)
        assert database.checkpoint() == changes.checkpoint
        assert tuple(database.verdicts()) == changes.verdicts
        assert database.alerts() == (list(changes.alerts), "")
        assert database.cases() == (list(changes.cases), "")
        assert database.due(START, "team", 9) == list(changes.deliveries)
        assert database.silences() == list(changes.silences)
        assert database.decisions() == list(changes.decisions)
        assert database.counts() == changes.counts
        database.close()


def test_a_later_commit_takes_the_place_of_an_earlier(database: Database) -> None:
    first, second = alert_row("a1"), alert_row("a1", 5.0, "closed", count=7)
    for number, row in enumerate((first, second)):
        verdict = make_verdict("v1", verdict=("normal", "anomalous")[number])
        silence = msgspec.structs.replace(make_silence(), hits=number)
        database.commit(
            Changes(
                verdicts=(verdict,),
                alerts=(row,),
                cases=(make_case("c1", 5.0 * number),),
                silences=(silence,),
                counts={"flows": 3},
            )
        )
        assert database.alert("a1") == row
        assert database.verdict("v1") == verdict
        assert database.silences() == [silence]
    assert database.alerts() == ([second], "")
    assert database.cases() == ([make_case("c1", 5.0)], "")
    assert database.counts() == {"flows": 6}
    database.commit(
        Changes(gone_verdicts=("v1", "absent"), gone_cases=("c1", "absent"), counts={"flows": -6})
    )
    assert database.verdict("v1") is database.case("c1") is None
    assert database.counts() == {"flows": 0}
    database.commit(Changes(verdicts=(make_verdict("v1"),), gone_verdicts=("v1",)))
    assert database.verdict("v1") == make_verdict("v1")


def test_the_latest_checkpoint_stands_and_older_ones_go(database: Database) -> None:
    for number in range(5):
        database.commit(Changes(checkpoint=make_checkpoint(number)))
        assert database.checkpoint() == make_checkpoint(number)


def test_a_large_state_is_kept(database: Database) -> None:
    state = random.Random(7).randbytes(30_000_000)
    checkpoint = msgspec.structs.replace(make_checkpoint(), state=state)
    database.commit(Changes(checkpoint=checkpoint))
    assert database.checkpoint() == checkpoint


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lasts=st.lists(st.sampled_from([0.0, 1.0, 0.1, 1e-7, 1 / 3, -5.25]), max_size=9),
    limit=st.integers(1, 4),
    states=st.sets(st.sampled_from(["open", "closed"])),
)
def test_pages_hold_everything_once_the_latest_first(
    database: Database, lasts: list[float], limit: int, states: set[str]
) -> None:
    rows = [alert_row(f"a{n}", last, "closed" if n % 2 else "open") for n, last in enumerate(lasts)]
    cases = [make_case(f"a{n}", last) for n, last in enumerate(lasts)]
    database.commit(
        Changes(alerts=tuple(rows), cases=tuple(cases), gone_cases=tuple(f"a{n}" for n in range(9)))
    )
    wanted = sorted(rows, key=lambda row: (row.alert.last_seen, row.alert.id), reverse=True)
    wanted = [row for row in wanted if not states or row.episode.state in states]
    found, after = [], ""
    while True:
        some, after = database.alerts(states=sorted(states), page=Page(limit, after))
        assert len(some) <= limit
        found += some
        if not after:
            break
    known = {row.alert.id for row in rows}
    assert [row for row in found if row.alert.id in known] == wanted
    assert [one.id for one in database.cases()[0]] == [
        one.id for one in sorted(cases, key=lambda one: (one.last_seen, one.id), reverse=True)
    ]


def test_what_is_no_page_is_told(database: Database) -> None:
    for after in ("x", "1.0\x00 a", "nine a1", "1.0 a\x00"):
        with pytest.raises(ConfigError, match="no page begins there"):
            database.alerts(page=Page(5, after))


def test_the_beginning_of_an_id_suffices_where_one_has_it(database: Database) -> None:
    database.commit(
        Changes(
            alerts=(alert_row("abc1"), alert_row("abd"), alert_row("ab")),
            cases=(make_case("xyz"), make_case("xyzz"), make_case("\U0010ffff")),
        )
    )
    assert [row and row.alert.id for row in map(database.alert, ("abc", "abc1", "abd", "ab", "a"))] == [
        "abc1",
        "abc1",
        "abd",
        "ab",
        None,
    ]
    assert [case and case.id for case in map(database.case, ("xyz", "xyzz", "xy", "\U0010ffff"))] == [
        "xyz",
        "xyzz",
        None,
        "\U0010ffff",
    ]
    for odd in ("", "%", "_", "ab%", "'", "\x00", "\ud800", "abc1\x00"):
        assert database.alert(odd) is database.case(odd) is None
        assert odd == "" or database.decisions(odd) == []


def test_ids_that_telemetry_made_up_are_kept_as_they_are(database: Database) -> None:
    odd = ("", "a\x00b", "a", "é", "\U0001f600", "'; DROP TABLE verdicts; --", "\ud800", LONG, LONG + "x")
    database.commit(Changes(verdicts=tuple(make_verdict(one) for one in odd)))
    assert sorted(ids(list(database.verdicts()))) == sorted(odd)
    for one in odd:
        assert database.verdict(one) == make_verdict(one)
    database.commit(Changes(gone_verdicts=odd))
    assert list(database.verdicts()) == []


def test_verdicts_come_by_start_and_id_however_many_they_are(database: Database) -> None:
    rows = [make_verdict(f"v{n}", n % 7, ("normal", "anomalous")[n % 3 == 0]) for n in range(900)]
    database.commit(Changes(verdicts=tuple(rows)))
    wanted = sorted(rows, key=lambda row: (row.start, row.id))
    assert list(database.verdicts()) == wanted
    assert list(database.verdicts(verdict="anomalous")) == [row for row in wanted if row.verdict != "normal"]
    assert list(database.verdicts(verdict="unknown")) == []


def test_commits_come_between_while_verdicts_are_read(database: Database) -> None:
    database.commit(Changes(verdicts=tuple(make_verdict(f"v{n:03}", n) for n in range(500))))
    found = []
    for row in database.verdicts():
        found.append(row.id)
        if len(found) == 100:
            database.commit(Changes(gone_verdicts=("v300",), verdicts=(make_verdict("v301", 301.0, "odd"),)))
    assert found == [f"v{n:03}" for n in range(500) if n != 300]


def test_a_delivery_is_put_in_once_and_moves_on(database: Database) -> None:
    first, later = make_delivery("d1", next_at=START), make_delivery("d0", next_at=START + 5)
    database.commit(Changes(deliveries=(first, later)))
    database.commit(Changes(deliveries=(make_delivery("d1", attempts=9), make_delivery("d2", next_at=1.0))))
    assert [one.id for one in database.due(START + 9, "team", 9)] == ["d2", "d1", "d0"]
    assert [one.id for one in database.due(START + 9, "team", 2)] == ["d2", "d1"]
    assert database.due(START, "team", 9)[1] == first
    tried = msgspec.structs.replace(first, attempts=1, next_at=START + 60, last_error="503")
    database.delivered(tried)
    assert [one.id for one in database.due(START + 9, "team", 9)] == ["d2", "d0"]
    sent = msgspec.structs.replace(tried, state="sent", sent_at=START + 61)
    database.delivered(sent)
    database.delivered(make_delivery("unknown", state="dead"))
    assert database.deliveries("sent") == ([sent], "")
    assert database.deliveries("dead") == ([], "")
    assert [one.id for one in database.deliveries("due")[0]] == ["d2", "d0"]


def test_channels_wait_for_themselves_alone(database: Database) -> None:
    made = [
        make_delivery("d1", made_at=START + 3, next_at=START),
        make_delivery("d2", made_at=START + 1, next_at=START + 50),
        make_delivery("d3", made_at=START + 2, next_at=START),
        make_delivery("d4", state="dead"),
        make_delivery("d5", message=msgspec.structs.replace(make_delivery("x").message, dedup_key="other")),
        make_delivery("d6", channel="pager"),
    ]
    database.commit(Changes(deliveries=tuple(made)))
    assert [one.id for one in database.due(START + 9, "team", 9)] == ["d5", "d3", "d1"]
    assert [one.id for one in database.waiting("team", "a1/1")] == ["d2", "d3", "d1"]
    assert [one.id for one in database.waiting("team", "other")] == ["d5"]
    assert [one.id for one in database.due(0.0, "pager", 9)] == ["d6"]
    database.delivered(msgspec.structs.replace(made[1], state="sent", sent_at=START))
    assert [one.id for one in database.waiting("team", "a1/1")] == ["d3", "d1"]


@pytest.mark.parametrize("state", ["due", "sent", "dead"])
def test_deliveries_are_paged(database: Database, state: DeliveryState) -> None:
    made = [make_delivery(f"d{n}", state=state, made_at=START + n // 2) for n in range(7)]
    database.commit(Changes(deliveries=tuple(made)))
    found, after = [], ""
    for _ in range(3):
        some, after = database.deliveries(state, Page(3, after))
        found += some
    assert found == sorted(made, key=lambda one: (one.made_at, one.id), reverse=True)
    assert after == ""


def test_silences_are_in_force_from_their_start_to_their_end(database: Database) -> None:
    early = msgspec.structs.replace(make_silence(id="z"), starts_at=START - 10, ends_at=START)
    late = make_silence(Matcher("severity", "in", "low,medium"), id="b")
    database.commit(Changes(silences=(late, early)))
    assert database.silences() == [early, late]
    assert database.silences(at=START - 11) == []
    assert database.silences(at=START - 10) == [early]
    assert database.silences(at=START) == [late]
    assert database.silences(at=late.ends_at) == []


def test_decisions_stay_in_their_order(database: Database) -> None:
    made = [Decision(START - n, "ann", "close", f"a{n % 2}", str(n)) for n in range(6)]
    for one in made:
        database.commit(Changes(decisions=(one,)))
    assert database.decisions() == made
    assert database.decisions("a1") == made[1::2]


def test_what_is_past_its_time_goes_and_nothing_else(database: Database) -> None:
    database.commit(
        Changes(
            verdicts=(*(make_verdict(f"old{n}", -1.0) for n in range(2_500)), make_verdict("new", 0.0)),
            alerts=(
                alert_row("closed", -100.0, "closed"),
                alert_row("closed-late", -50.0, "closed"),
                alert_row("open", -100.0),
                alert_row("seen", -100.0, "acknowledged"),
            ),
            cases=(make_case("quiet", -100.0, state="quiet"), make_case("open", -100.0)),
            deliveries=(
                make_delivery("sent", state="sent", sent_at=START - 1),
                make_delivery("sent-late", state="sent", sent_at=START),
                make_delivery("due", made_at=START - 100),
                make_delivery("dead", state="dead", made_at=START - 100),
                make_delivery("dead-late", state="dead", made_at=START - 50),
            ),
            silences=(
                msgspec.structs.replace(make_silence(id="over"), ends_at=START - 100),
                make_silence(id="in-force"),
            ),
            decisions=(Decision(START - 1e6, "ann", "close", "closed"),),
        )
    )
    gone = database.prune(before=START, decided_before=START - 50)
    assert gone == 2_500 + 1 + 1 + 1 + 1 + 1
    assert ids(list(database.verdicts())) == ["new"]
    assert {row.alert.id for row in database.alerts()[0]} == {"closed-late", "open", "seen"}
    assert [case.id for case in database.cases()[0]] == ["open"]
    assert [one.id for one in database.deliveries("sent")[0]] == ["sent-late"]
    assert [one.id for one in database.deliveries("due")[0]] == ["due"]
    assert [one.id for one in database.deliveries("dead")[0]] == ["dead-late"]
    assert [one.id for one in database.silences()] == ["in-force"]
    assert len(database.decisions()) == 1
    assert database.prune(before=START, decided_before=START - 50) == 0


def test_nothing_of_a_commit_that_fails_is_there(database: Database) -> None:
    database.commit(Changes(checkpoint=make_checkpoint(1), counts={"flows": 1}))
    broken = msgspec.structs.replace(make_checkpoint(2), at=None)
    with pytest.raises(StoreError):
        database.commit(Changes(alerts=(alert_row("a1"),), counts={"flows": 1}, checkpoint=broken))
    assert database.alerts() == ([], "")
    assert database.counts() == {"flows": 1}
    database.commit(Changes(alerts=(alert_row("a1"),), counts={"flows": 1}))
    assert database.counts() == {"flows": 2}
    assert database.checkpoint() == make_checkpoint(1)


@pytest.mark.parametrize("text", ["\ud800", "\x00"])
def test_text_that_is_none_is_refused_and_kept_nowhere(database: Database, text: str) -> None:
    with pytest.raises(StoreError):
        database.commit(Changes(decisions=(Decision(START, text, "close", "\ud800"),), counts={"x": 1}))
    database.commit(Changes(decisions=(Decision(START, "ann\x00", "close", "a1", "\x00"),)))
    assert database.counts() == {}
    assert database.decisions("a1") == [Decision(START, "ann\x00", "close", "a1", "\x00")]


def test_threads_share_one(database: Database) -> None:
    def work(name: str) -> None:
        for number in range(20):
            database.commit(Changes(alerts=(alert_row(f"{name}-{number}"),), counts={"all": 1}))
            assert database.alert(f"{name}-{number}") is not None
            database.alerts(states=("open",), page=Page(5))

    threads = [Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.counts() == {"all": 80}


def test_one_service_holds_it_and_others_look_on(place: str) -> None:
    with pytest.raises(ConfigError, match="`coldtrail watch`"):
        open_database(place, serving=False)
    service = open_database(place)
    with pytest.raises(ConfigError, match="another service is using this database"):
        open_database(place)
    beside = open_database(place, serving=False)
    service.commit(Changes(alerts=(alert_row("a1"),)))
    assert beside.alert("a1") == alert_row("a1")
    beside.commit(
        Changes(alerts=(alert_row("a1", state="closed"),), decisions=(Decision(1, "b", "close", "a1"),))
    )
    found = service.alert("a1")
    assert found is not None
    assert found.episode.state == "closed"
    beside.close()
    service.close()
    open_database(place).close()


def test_a_killed_service_leaves_whole_commits_alone(place: str) -> None:
    commits = 0
    for after in (3, 0, 7):
        last = killed(place, commits, after)
        database = open_database(place)
        commits = check_whole(database)
        assert commits - 1 in (last, last + 1)
        database.close()
