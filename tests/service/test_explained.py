"""What settings say of themselves."""

from __future__ import annotations

import pytest
from msgspec import Struct, defstruct

from coldtrail.config import Settings
from coldtrail.registry import LIVE_SOURCES, NOTIFIERS, load
from coldtrail.service.explained import about, keys_of
from coldtrail.service.settings import ChannelSettings, LearningSettings, PrivacySettings, ServiceSettings

TABLES: dict[str, type[Struct]] = {
    **{f"source {kind}": load(LIVE_SOURCES, kind, "source").Settings for kind in LIVE_SOURCES},
    **{f"notify {kind}": load(NOTIFIERS, kind, "notifier").Settings for kind in NOTIFIERS},
    **{name: type(getattr(Settings(), name)) for name in Settings.__struct_fields__},
    "service": ServiceSettings,
    "channel": ChannelSettings,
    "learning": LearningSettings,
    "privacy": PrivacySettings,
}


class Shared(Struct, frozen=True, kw_only=True):
    region: str = ""
    """Where
    it lies."""


class Table(Shared, frozen=True, kw_only=True):
    """A table
    of a test."""

    path: str
    """A folder."""
    parts: tuple[int, ...] = (1, 2)
    limit: float | None = None
    """Of
    something."""


def test_keys_come_with_what_stands_below_them_and_with_their_defaults() -> None:
    own = [tuple(key) for key in keys_of(Table)]
    assert own == [
        ("path", "A folder.", True, None),
        ("parts", "", False, (1, 2)),
        ("limit", "Of something.", False, None),
        ("region", "Where it lies.", False, ""),
    ]
    assert about(Table) == "A table of a test."


@pytest.mark.parametrize("name", TABLES)
def test_every_table_and_every_key_of_the_service_is_explained(name: str) -> None:
    assert about(TABLES[name])
    assert [key.name for key in keys_of(TABLES[name]) if not key.about.endswith((".", ".)"))] == []


def test_without_its_source_a_table_still_has_its_keys() -> None:
    made = defstruct("Made", [("path", str), ("limit", int, 3)], frozen=True, module="tests.nowhere")
    assert [tuple(key) for key in keys_of(made)] == [("path", "", True, None), ("limit", "", False, 3)]
