from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.errors import ConfigError
from coldtrail.policy import (
    SEVERITIES,
    ChannelSettings,
    Told,
    check_channel,
    collected,
    deliveries,
    digest,
    digest_end,
    due_at,
    wants,
)
from coldtrail.records.episode import Episode, Notice
from coldtrail.records.silence import Matcher
from tests.attacks.hostile_alerts import hostile_alerts
from tests.reports.stories import alerts

ALERT = alerts()[0]
VIENNA = ZoneInfo("Europe/Vienna")
NOW = 1_795_000_000.0
EVENTS = ("new", "severity_up", "grown", "reopened", "resolved")


def told(
    event: str = "new", severity: str = "high", *, count: int = 3, at: float = NOW, episode: int = 1
) -> Told:
    notice = Notice(ALERT.id, episode, event, severity, count, at)  # type: ignore[arg-type]
    lives = Episode(ALERT.id, episode, "open", notice.severity, count, at, at, at, count, notice.severity)
    return Told(notice, ALERT, lives, line=b'{"id":1}', finding=b'{"class_uid":2004}')


def channel(**fields: object) -> ChannelSettings:
    return msgspec.convert({"kind": "slack", **fields}, ChannelSettings)


def local(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA).timestamp()


def test_a_notice_is_a_delivery_for_each_channel_that_listens() -> None:
    made = deliveries(told(), [channel(), channel(name="pager", from_severity="critical")], NOW)
    (one,) = made
    assert (one.channel, one.message.what, one.message.dedup_key) == ("slack", "trigger", f"{ALERT.id}-1")
    assert (one.next_at, one.made_at, one.state) == (NOW, NOW, "due")
    assert one.message.title == ALERT.title
    assert one.message.lines[0].startswith("Seen 3 times, from 20")
    assert any(line.startswith("Next: ") for line in one.message.lines)


@given(st.sampled_from(EVENTS), st.sampled_from(SEVERITIES), st.integers(1, 10**9), st.integers(0, 3))
def test_the_same_notice_gives_the_same_ids_whenever_it_comes(
    event: str, severity: str, count: int, late: int
) -> None:
    channels = [channel(from_severity="low"), channel(name="b", from_severity="low", digest="daily")]
    first = deliveries(told(event, severity, count=count), channels, NOW)
    again = deliveries(told(event, severity, count=count), channels, NOW + 1000 * late)
    assert [one.id for one in first] == [one.id for one in again]
    assert len({one.id for one in first}) == 2


def test_each_step_of_an_episode_has_an_id_of_its_own() -> None:
    steps = [told(), told("severity_up", "critical"), told("grown", count=30), told("grown", count=300)]
    steps += [told("resolved", at=NOW + 1), told("reopened", at=NOW + 2), told("resolved", at=NOW + 3)]
    steps += [told(episode=2)]
    ids = [one.id for step in steps for one in deliveries(step, [channel()], NOW)]
    assert len(set(ids)) == len(steps)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_ten_times_as_many_is_another_step_wherever_it_was_noticed(first: int, more: int) -> None:
    ids = [deliveries(told("grown", count=one), [channel()], NOW)[0].id for one in (first, first * 10 + more)]
    assert ids[0] != ids[1]


@given(st.integers(0, 10**6), st.integers(1, 10**5))
def test_ten_times_as_many_is_counted_within_the_episode(before: int, first: int) -> None:
    steps = [told("grown", count=before + one) for one in (first, first * 10)]
    later = [replace(one, episode=replace(one.episode, count_before=before)) for one in steps]
    assert len({deliveries(one, [channel()], NOW)[0].id for one in later}) == 2


def test_a_rise_of_severity_is_told_where_first_times_are() -> None:
    only_new = channel(events=["new"], from_severity="high")
    assert not wants(only_new, told("new", "medium"))
    assert wants(only_new, told("severity_up", "high"))
    assert not wants(only_new, told("grown", "high"))
    assert not wants(channel(events=["resolved"]), told("severity_up", "high"))


def test_matchers_choose_what_is_told() -> None:
    function = ALERT.key.function
    mine = {"field": "function", "op": "=", "value": function}
    assert wants(channel(only=[mine]), told())
    assert not wants(channel(**{"except": [mine]}), told())
    assert not wants(channel(only=[mine | {"value": "another"}]), told())
    assert wants(channel(**{"except": [mine, {"field": "severity", "op": "=", "value": "none"}]}), told())
    assert Matcher("function", "=", function) == channel(only=[mine]).only[0]


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-18 13:00", "2026-11-18 13:00"),
        ("2026-11-18 22:00", "2026-11-19 07:00"),
        ("2026-11-19 06:59", "2026-11-19 07:00"),
        ("2026-11-19 07:00", "2026-11-19 07:00"),
        ("2026-11-20 23:00", "2026-11-23 07:00"),
        ("2026-11-21 12:00", "2026-11-23 07:00"),
        ("2026-10-25 01:30", "2026-10-26 07:00"),
    ],
)
def test_quiet_hours_end_in_the_morning_or_after_the_weekend(at: str, until: str) -> None:
    quiet = {"from": "22:00", "to": "07:00", "whole_days": ["sat", "sun"]}
    calm = channel(time_zone="Europe/Vienna", quiet=quiet)
    assert due_at(calm, "high", local(at)) == local(until)
    assert due_at(calm, "critical", local(at)) == local(at)


@given(
    st.floats(1.5e9, 2.5e9),
    st.sampled_from(["Europe/Vienna", "America/New_York", "Asia/Kathmandu", "UTC", "Australia/Lord_Howe"]),
    st.integers(0, 24 * 60 - 1),
    st.integers(0, 24 * 60 - 1),
    st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat"])),
)
def test_quiet_hours_always_end_and_never_before_they_begin(
    at: float, zone: str, starts: int, ends: int, days: set[str]
) -> None:
    times = [f"{one // 60:02d}:{one % 60:02d}" for one in (starts, ends)]
    if starts == ends:
        return
    calm = channel(time_zone=zone, quiet={"from": times[0], "to": times[1], "whole_days": sorted(days)})
    check_channel(calm)
    until = due_at(calm, "low", at)
    assert at <= until <= at + 8.2 * 86_400
    assert due_at(calm, "low", until) == until


@given(st.floats(1.5e9, 2.5e9), st.sampled_from(["hourly", "daily"]))
def test_a_digest_ends_after_what_it_collects(at: float, often: str) -> None:
    collecting = channel(digest=often, time_zone="Europe/Vienna")
    end = digest_end(collecting, at)
    assert at < end <= at + 25.1 * 3600
    assert digest_end(collecting, end - 0.5) == end
    assert due_at(collecting, "low", at) == end
    assert due_at(collecting, "critical", at) == at
    assert (collected(collecting, "low"), collected(collecting, "critical")) == (True, False)


def test_a_digest_tells_of_each_alert_the_last_word_the_most_severe_first() -> None:
    collecting = channel(digest="daily", link="https://x.example/")
    made = [
        deliveries(told(*one), [collecting], NOW)[0].message for one in (("new", "medium"), ("grown", "high"))
    ]
    other = replace(made[0], dedup_key="another-1", severity="medium", title="Another", function="f2")
    whole = digest(collecting, [replace(made[0], at=NOW - 9), other, made[1]], NOW + 60)
    assert whole.what == "digest"
    assert (whole.severity, whole.count, whole.function) == ("high", 2, "")
    assert [line.partition(":")[0] for line in whole.lines] == ["High", "Medium"]
    assert whole.link == "https://x.example/alerts"
    assert whole == digest(collecting, [made[1], replace(made[0], at=NOW - 9), other], NOW + 60)
    many = digest(collecting, [replace(other, dedup_key=str(number)) for number in range(500)], NOW)
    assert len(many.lines) == 41
    assert many.lines[-1] == "And 460 more."


def test_messages_link_and_carry_lines_for_those_that_tell_them() -> None:
    (one,) = deliveries(told(), [channel(link="https://x.example/")], NOW)
    assert one.message.link == f"https://x.example/alerts/{ALERT.id}"
    assert (one.message.alert, one.message.finding) == (b"", b"")
    (program,) = deliveries(told(), [channel(kind="webhook")], NOW)
    assert (program.message.alert, program.message.finding) == (b'{"id":1}', b"")
    (later,) = deliveries(told(), [channel(kind="webhook", digest="daily")], NOW)
    assert later.message.alert == b""
    (ocsf,) = deliveries(told(), [channel(kind="ocsf")], NOW)
    assert ocsf.message.finding == b'{"class_uid":2004}'


@pytest.mark.slow
def test_messages_of_hostile_alerts_are_short_and_printable() -> None:
    for alert in hostile_alerts():
        step = told()
        (one,) = deliveries(replace(step, alert=alert), [channel(from_severity="low")], NOW)
        texts = (one.message.title, *one.message.lines, one.message.function, one.message.account)
        assert all(text.isprintable() for text in texts)
        assert all(len(text) <= 900 for text in texts)
        assert len(one.message.lines) <= 16
        assert one.id.isascii()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"digest_at": "25:00"}, "digest_at"),
        ({"quiet": {"from": "7"}}, "quiet.from"),
        ({"quiet": {"from": "07:00", "to": "07:00"}}, "same time"),
        ({"quiet": {"whole_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}}, "whole_days"),
        ({"link": "javascript:x"}, "link"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(fields: dict[str, object], wrong: str) -> None:
    with pytest.raises(ConfigError, match=wrong):
        check_channel(channel(**fields))
