"""How stored alerts live on: told once, again where that is news, never for plain repeats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.alerts.episodes import QUIET_FOR_S, followed
from coldtrail.alerts.severity import level_of
from coldtrail.records.alert import Alert, Severity
from coldtrail.records.episode import Episode
from coldtrail.records.silence import Matcher, Silence
from tests.alerts.live_alerts import make_alert, make_silence

DAY = QUIET_FOR_S
OF_ORDER = make_silence(Matcher("function", "=", "Order"))
LEVELS: tuple[Severity, ...] = ("low", "medium", "high", "critical")


class Life:
    """What is stored of alerts while they are followed."""

    def __init__(self) -> None:
        self.stored: dict[str, Episode] = {}
        self.hits: list[str] = []

    def follow(self, *alerts: Alert, silences: Sequence[Silence] = (), **more: Any) -> list[tuple[str, str]]:
        """The events of the alerts, by id."""
        result = followed(alerts, self.stored, silences, **more)
        self.stored |= {one.alert_id: one for one in result.episodes}
        self.hits += result.suppressed
        return [(one.alert_id, one.event) for one in result.notices]

    def decide(self, id: str, **fields: Any) -> None:
        self.stored[id] = replace(self.stored[id], **fields)


def test_an_alert_is_told_once_and_its_repeats_are_counted() -> None:
    life = Life()
    assert life.follow(make_alert("a")) == [("a", "new")]
    assert life.follow(make_alert("a", 2, last=60), make_alert("b")) == [("b", "new")]
    assert life.follow(make_alert("a", 9, last=DAY), make_alert("b")) == []
    assert life.stored["a"].count == 9


def test_ten_times_as_many_are_told_and_then_a_hundred_times() -> None:
    life = Life()
    life.follow(make_alert("a", 2))
    assert life.follow(make_alert("a", 19, last=5)) == []
    assert life.follow(make_alert("a", 20, last=6)) == [("a", "grown")]
    assert life.follow(make_alert("a", 199, last=7)) == []
    assert life.follow(make_alert("a", 200, last=8)) == [("a", "grown")]


def test_more_severe_is_told_and_less_severe_is_not() -> None:
    life = Life()
    life.follow(make_alert("a", severity="medium"))
    assert life.follow(make_alert("a", 2, "high")) == [("a", "severity_up")]
    assert life.follow(make_alert("a", 3, "low")) == []
    assert life.stored["a"].severity == "high"
    assert life.follow(make_alert("a", 4, "high")) == []


def test_after_a_day_of_rest_another_episode_begins() -> None:
    life = Life()
    life.follow(make_alert("a", 30, last=10))
    assert life.follow(make_alert("a", 31, last=10 + DAY)) == []
    assert life.follow(make_alert("a", 32, last=11 + 2 * DAY)) == [("a", "reopened")]
    episode = life.stored["a"]
    assert (episode.episode, episode.count_before, episode.count) == (2, 31, 32)
    assert life.follow(make_alert("a", 40, last=20 + 2 * DAY)) == []
    assert life.follow(make_alert("a", 41, last=21 + 2 * DAY)) == [("a", "grown")]


def test_closing_ends_it_once_and_does_not_open_it_anew_while_it_goes_on() -> None:
    life = Life()
    life.follow(make_alert("a"))
    life.decide("a", state="closed", resolution="benign")
    assert life.follow(make_alert("a", 2, last=60)) == [("a", "resolved")]
    assert life.follow(make_alert("a", 5, last=120)) == []
    assert life.stored["a"].state == "closed"
    assert life.follow(make_alert("a", 6, "high", last=130)) == [("a", "severity_up")]
    assert life.stored["a"].state == "open"
    life.decide("a", state="closed")
    assert life.follow(make_alert("a", 6, "high", last=130)) == [("a", "resolved")]
    assert life.follow(make_alert("a", 7, "high", last=131 + DAY)) == [("a", "reopened")]
    assert life.stored["a"].state == "open"


def test_what_is_acknowledged_stays_so() -> None:
    life = Life()
    life.follow(make_alert("a"))
    life.decide("a", state="acknowledged", assignee="ann")
    assert life.follow(make_alert("a", 10, "high", last=60)) == [("a", "severity_up")]
    assert (life.stored["a"].state, life.stored["a"].assignee) == ("acknowledged", "ann")
    assert life.follow(make_alert("a", 11, "high", last=61 + DAY)) == [("a", "reopened")]
    assert (life.stored["a"].state, life.stored["a"].assignee) == ("open", "ann")


def test_what_stands_no_more_is_resolved_and_comes_back_as_another_episode() -> None:
    life = Life()
    life.follow(make_alert("a"), make_alert("b"))
    assert life.follow(make_alert("b", 2)) == [("a", "resolved")]
    assert life.stored["a"].withdrawn
    assert life.follow(make_alert("b", 2)) == []
    assert life.follow(make_alert("a", 2), make_alert("b", 2)) == [("a", "reopened")]
    assert not life.stored["a"].withdrawn


def test_what_another_bundle_told_is_not_withdrawn() -> None:
    life = Life()
    life.follow(make_alert("a"), bundle="one")
    assert life.follow(bundle="two") == []
    assert not life.stored["a"].withdrawn
    assert life.follow(bundle="one") == [("a", "resolved")]


def test_a_line_with_another_bundle_counts_on_from_what_was_told() -> None:
    life = Life()
    life.follow(make_alert("a", 7), bundle="one")
    assert life.follow(make_alert("a", 2, last=60), bundle="two") == []
    assert life.stored["a"].count == 9
    assert life.follow(make_alert("a", 63, last=61), bundle="two") == [("a", "grown")]
    assert life.follow(make_alert("a", 1, last=62), bundle="three") == []
    assert (life.stored["a"].count, life.stored["a"].count_elsewhere) == (71, 70)


def test_what_is_silenced_is_stored_and_counted_and_not_told() -> None:
    life = Life()
    assert life.follow(make_alert("a"), silences=[OF_ORDER]) == []
    assert (life.stored["a"].suppressed_by, life.hits) == ("s", ["s"])
    assert life.follow(make_alert("a", 3, "high", last=9), silences=[OF_ORDER]) == []
    assert life.hits == ["s", "s"]
    assert life.follow(make_alert("a", 4, "critical", last=10), silences=[OF_ORDER]) == [("a", "severity_up")]
    assert life.stored["a"].suppressed_by is None
    assert life.follow(make_alert("a", 9, "critical", last=11), silences=[OF_ORDER]) == []
    assert life.hits == ["s", "s"]


def test_a_silence_of_what_was_told_keeps_back_its_growth_alone() -> None:
    life = Life()
    life.follow(make_alert("a"))
    assert life.follow(make_alert("a", 10, last=5), silences=[OF_ORDER]) == []
    assert life.hits == ["s"]
    assert life.follow(make_alert("a", 10, last=5), silences=[OF_ORDER]) == []
    assert life.hits == ["s"]


def test_what_goes_on_after_its_silence_is_told_then() -> None:
    life = Life()
    life.follow(make_alert("a"), silences=[OF_ORDER])
    assert life.follow(make_alert("a")) == []
    assert life.follow(make_alert("a", 2, last=60)) == [("a", "new")]
    assert life.follow(make_alert("a", 3, last=61)) == []


def test_the_end_of_what_nobody_heard_of_is_not_told() -> None:
    life = Life()
    life.follow(make_alert("a"), silences=[OF_ORDER])
    assert life.follow(silences=[OF_ORDER]) == []
    assert life.stored["a"].withdrawn


def test_an_episode_names_its_case() -> None:
    life = Life()
    life.follow(make_alert("a"), cases={"a": "c"})
    assert life.stored["a"].case_id == "c"


steps = st.lists(
    st.tuples(
        st.sampled_from(["grow", "rest", "severer", "gone", "silence", "close", "acknowledge"]),
        st.integers(1, 40),
    ),
    max_size=12,
)


@given(steps)
def test_following_twice_gives_nothing_new_and_repeats_are_never_told(done: list[tuple[str, int]]) -> None:
    life, count, last, level, is_there = Life(), 1, 0.0, 0, True
    silences: list[Silence] = []
    for what, number in done:
        told_before = life.stored.get("a")
        if what == "grow" or not is_there:
            count, last, is_there = count + number, last + number, True
        elif what == "rest":
            count, last = count + 1, last + DAY + number
        elif what == "severer":
            level = min(level + 1, 3)
        elif what == "gone":
            is_there = False
        elif what == "silence":
            silences = [] if silences else [OF_ORDER]
        elif "a" in life.stored:
            life.decide("a", state="closed" if what == "close" else "acknowledged")
        alerts = [make_alert("a", count, LEVELS[level], last)] if is_there else []
        told = life.follow(*alerts, silences=silences)
        now = dict(life.stored)
        hits = len(life.hits)
        assert len(told) <= 2
        assert life.follow(*alerts, silences=silences) == []
        assert (life.stored, len(life.hits)) == (now, hits)
        if what == "grow" and told_before and told and not told_before.suppressed_by and is_there:
            before = told_before.told_count - told_before.count_before
            grown = count - told_before.count_before >= 10 * max(before, 1)
            assert grown or told_before.withdrawn or told_before.state == "closed"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), min_size=1, max_size=20))
def test_counts_and_severity_never_go_back(grown: list[tuple[int, int]]) -> None:
    life, count, last = Life(), 1, 0.0
    severest = 0
    for level, more in grown:
        count, last, severest = count + more, last + more, max(severest, level)
        life.follow(make_alert("a", count, LEVELS[level], last))
        assert (life.stored["a"].count, level_of(life.stored["a"].severity)) == (count, severest)
