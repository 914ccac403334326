"""What docs/running.md says is so: settings, metrics, verbs and files that it names are there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from msgspec import Struct

from coldtrail.cli.main import VERBS
from coldtrail.policy import ChannelSettings
from coldtrail.service.explained import keys_of
from coldtrail.service.settings import (
    LearningSettings,
    PrivacySettings,
    ServiceSettings,
    live_settings_from,
)
from tests.deploy.test_grafana import labels

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", [ServiceSettings, LearningSettings, PrivacySettings, ChannelSettings])
def test_every_setting_that_all_services_have_is_named(table: type[Struct]) -> None:
    assert [key.name for key in keys_of(table) if f"| `{key.name}` |" not in TEXT] == []


def test_metrics_verbs_and_files_that_are_named_are_there() -> None:
    metrics = set(re.findall(r"coldtrail_[a-z_]+", TEXT))
    assert metrics <= labels().keys()
    verbs = set(re.findall(r"`coldtrail ([a-z]+)", TEXT)) | set(
        re.findall(r"^coldtrail ([a-z]+)", TEXT, re.M)
    )
    assert verbs <= VERBS.keys()
    files = re.findall(r"`(deploy/[a-z./A-Z]+)`", TEXT)
    assert len(files) >= 4
    assert all((ROOT / file).is_file() for file in files)


def test_the_settings_that_are_shown_can_be_read() -> None:
    (shown,) = re.findall(r"^```toml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    (source,) = live_settings_from(tomllib.loads(shown), "running.md").sources
    assert source.name == "shop-spans"
