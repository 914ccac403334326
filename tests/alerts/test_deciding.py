"""What people decide, and that it can be decided once more."""

from __future__ import annotations

import pytest

from coldtrail.alerts.deciding import closing, decided, expired
from coldtrail.alerts.episodes import followed
from coldtrail.errors import ConfigError
from coldtrail.records.episode import Episode
from tests.alerts.live_alerts import START, make_alert, make_silence


def made() -> Episode:
    (episode,) = followed([make_alert("a")], {}).episodes
    return episode


@pytest.mark.parametrize(
    ("what", "detail", "fields"),
    [
        ("acknowledge", "", {"state": "acknowledged"}),
        ("close", closing("benign", "a test: ours"), {"state": "closed", "resolution": "benign"}),
        ("close", closing("true", ""), {"state": "closed", "resolution": "true", "note": ""}),
        ("close", "benign: a test: ours", {"note": "a test: ours"}),
        ("assign", "ann", {"assignee": "ann", "state": "open"}),
        ("accept", "known", {"accepted": True, "note": "known", "state": "open"}),
        ("dance", "", {"state": "open"}),
    ],
)
def test_a_decision_changes_what_it_is_about_once(what: str, detail: str, fields: dict[str, object]) -> None:
    after = decided(made(), what, detail)
    assert {name: getattr(after, name) for name in fields} == fields
    assert decided(after, what, detail) == after


def test_a_resolution_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="known ones are: true, benign"):
        closing("fine", "")


def test_a_silence_ends_when_somebody_ends_it_and_never_later() -> None:
    silence = make_silence()
    assert expired(silence, START + 60).ends_at == START + 60
    assert expired(silence, START - 60).ends_at == START
    assert expired(silence, silence.ends_at + 60).ends_at == silence.ends_at
