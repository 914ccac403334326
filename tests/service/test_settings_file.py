"""The settings file that `init` writes: what it says is what holds."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise

import msgspec
import pytest
from msgspec.structs import replace

from coldtrail.errors import ConfigError
from coldtrail.registry import LIVE_SOURCES, NOTIFIERS
from coldtrail.service.settings import LiveSettings, live_settings_from
from coldtrail.service.settings_file import Chosen, settings_file

ALL = Chosen(sorted(LIVE_SOURCES), sorted(NOTIFIERS), "eu-west-1", "111122223333")
UNSET = ("lateness_s", "budget_alerts_per_day")


def read(text: str) -> LiveSettings:
    return live_settings_from(tomllib.loads(text), "coldtrail.toml")


def uncommented(text: str) -> str:
    return re.sub(r"^#(?=[a-z\[])", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("kind", sorted(LIVE_SOURCES))
def test_a_source_of_each_kind_is_written_as_it_can_be_read(kind: str) -> None:
    (source,) = read(settings_file(Chosen([kind], []))).sources
    assert (source.kind, source.name) == (kind, kind)


@pytest.mark.parametrize("kind", sorted(NOTIFIERS))
def test_a_channel_of_each_kind_is_written_as_it_can_be_read(kind: str) -> None:
    text = settings_file(Chosen(["otlp"], [kind]))
    (channel,) = read(text).notify
    assert (channel.kind, channel.name) == (kind, kind)
    assert "CHANGE-ME" not in text


def test_a_key_behind_a_number_sign_shows_the_value_that_holds_without_it() -> None:
    text = settings_file(ALL)
    plain, full = read(text), read(uncommented(text))
    for of in (plain, full):
        assert [source.kind for source in of.sources] == sorted(LIVE_SOURCES)
    assert (full.sources, full.offline) == (plain.sources, plain.offline)
    for shown, usual in zip(full.notify, plain.notify, strict=True):
        assert shown.settings == usual.settings
        assert replace(shown.channel, quiet=None) == usual.channel
    assert full.privacy == plain.privacy
    for one, other in ((plain.service, full.service), (plain.learning, full.learning)):
        ours, theirs = msgspec.to_builtins(one), msgspec.to_builtins(other)
        assert {key for key in ours if ours[key] != theirs[key]} <= set(UNSET)


def test_every_line_is_explained() -> None:
    lines = settings_file(ALL).splitlines()
    for before, line in pairwise(lines):
        if re.match(r"#?(?!kind|name)[a-z_]+ = ", line):
            assert before.startswith("# "), line
    assert all(len(line) <= 100 for line in lines if line.startswith("# "))


def test_sources_of_one_kind_have_names_of_their_own() -> None:
    settings = read(settings_file(Chosen(["otlp", "xray-udp", "otlp"], [])))
    assert [source.name for source in settings.sources] == ["otlp", "xray-udp", "otlp-2"]


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"There is no source called 'carrier-pigeon'"):
        settings_file(Chosen(["carrier-pigeon"], []))
