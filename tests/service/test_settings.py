"""The settings of the live service."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from coldtrail.errors import ConfigError
from coldtrail.registry import LIVE_SOURCES, NOTIFIERS
from coldtrail.service.settings import LiveSettings, live_settings_from, load_live_settings
from tests.service.members import LINES, LIST, LineSource, ListNotifier

WHOLE = """
[service]
data = "here"
bundle = "model"
lateness_s = 30
keep_verdicts = "all"
[limits]
max_depth = 32
[[source]]
kind = "lines"
path = "a.jsonl"
[[source]]
kind = "lines"
name = "other"
path = "b.jsonl"
at_once = 7
[learning]
budget_alerts_per_day = 1
[[notify]]
kind = "list"
url_env = "URL"
from_severity = "high"
"""


@pytest.fixture(autouse=True)
def _members(monkeypatch: pytest.MonkeyPatch) -> None:
    for family, more in ((LIVE_SOURCES, LINES), (NOTIFIERS, LIST)):
        for name, place in more.items():
            monkeypatch.setitem(family, name, place)


def settings_of(text: str) -> LiveSettings:
    return live_settings_from(tomllib.loads(text), "coldtrail.toml")


def test_tables_of_the_service_stand_beside_those_of_training(tmp_path: Path) -> None:
    path = tmp_path / "coldtrail.toml"
    path.write_text(WHOLE, encoding="utf-8")
    settings = load_live_settings(path)
    assert settings.service.lateness_s == 30
    assert settings.has_limits
    assert settings.offline.limits.max_depth == 32
    assert [one.name for one in settings.sources] == ["lines", "other"]
    assert settings.sources[1].settings == LineSource.Settings("b.jsonl", 7)
    (channel,) = settings.notify
    assert channel.settings == ListNotifier.Settings("URL")
    assert (channel.name, channel.channel.from_severity) == ("list", "high")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[service]\ndaten = 1", "service.daten: there is no such key"),
        ('[[source]]\nkind = "lines"\npath = "a"\n[[source]]\nkind = "lines"\npfad = "b"', "source[1].pfad"),
        ('[[source]]\nkind = "lines"\npath = "a"\n[[source]]\nkind = "lines"\nname="b"', "source[1].path: "),
        ('[[source]]\nkind = "lines"\npath = 7', "source[0].path: "),
        ('[[source]]\nkind = "lines"', "source[0].path: it has to be given."),
        ("service = 1", "service: give a table, not a whole number."),
        ('[service]\nworkers = "two"', "service.workers: give a whole number, not text in quotation marks."),
        ('[learning]\nupdate = "hourly"', "learning.update: 'hourly' is none of these: off, daily."),
        ("[limits]\nfoo = 1", "limits.foo: there is no such key; the known ones are: lateness_s, "),
        ('[[sources]]\nkind = "lines"', "sources: there is no such key; the known ones are: applications, "),
        (
            '[[notify]]\nkind = "list"\nurl_env = "X"\nevents = ["new", "gone"]',
            "notify[0].events[1]: 'gone' is none of these: new, ",
        ),
        ('[[source]]\nkind = "lanes"', "source[0].kind: There is no source called 'lanes'"),
        ('[[source]]\npath = "a"', "source[0].kind: "),
        ('[[source]]\nkind = "lines"\nname = "a/b"\npath = "a"', "source[0].name: "),
        ('[source]\nkind = "lines"', "source: write each as a table"),
        ('[[source]]\nkind = "lines"\npath = "a"\n' * 2, "source[1].name: 'lines' is taken"),
        ('[[source]]\nkind = "lines"\nname = "spool"\npath = "a"', "source[0].name: 'spool' is taken"),
        ('[[notify]]\nkind = "list"\nurl_env = "U"\nfrom_severity = "odd"', "notify[0].from_severity: "),
        ('[[notify]]\nkind = "list"\nurl_env = "U"\nto = "me"', "notify[0].to: there is no such key"),
        ('[[notify]]\nkind = "list"\nurl_env = "U"\ntime_zone = "Mars"', "notify[0].time_zone: "),
        ("[respond]\nmode = 'ask'", "has no [respond] yet"),
        ("[console]\nport = 1", "has no [console] yet"),
        ("[learning]\nbudget_alerts_per_day = 0", "learning.budget_alerts_per_day is 0"),
        ("[learning]\nupdate = 'weekly'", "learning.update: "),
        ("[learning]\nupdate = 'daily'", "learning.update: this version does not learn by itself yet"),
        ("[privacy]\nkey = 'x'", "privacy.key: there is no such key"),
        ("[service]\nlisten = '8420'", "service.listen: '8420' is no address"),
        ("[service]\nlateness_s = 0", "service.lateness_s is 0"),
        ("[service]\ndata = ''", "service.data and service.bundle"),
        ("[limits]\ndepth = 3", "limits.depth: there is no such key"),
        ("[servise]\ndata = 'x'", "servise: there is no such key"),
    ],
)
def test_what_is_wrong_is_named_with_its_full_path(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        settings_of(text)
    assert told in str(raised.value)
    assert str(raised.value).startswith("coldtrail.toml: ")


def test_a_missing_or_broken_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such settings file"):
        load_live_settings(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[service", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read as TOML"):
        load_live_settings(tmp_path / "bad.toml")
