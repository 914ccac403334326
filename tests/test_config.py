"""Settings are checked where they are read; each mistake is told with its file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from coldtrail.config import Settings, load_settings, settings_from
from coldtrail.errors import ConfigError


def test_no_file_gives_the_defaults() -> None:
    assert load_settings(None) == Settings()
    assert settings_from({}, "x") == Settings()


def test_a_file_changes_what_it_names_only(tmp_path: Path) -> None:
    path = tmp_path / "coldtrail.toml"
    path.write_text(
        "[detection]\nbudget = 0.01\n[[applications.rules]]\nfunctions = 'pay-(.+)'\napplication = '\\1'\n",
        encoding="utf-8",
    )
    found = load_settings(path)
    assert found.detection.budget == 0.01
    assert found.detection.ready_flows == Settings().detection.ready_flows
    assert found.applications.rules[0].functions == "pay-(.+)"
    assert found.limits == Settings().limits


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ({"detection": {"bugdet": 0.1}}, ("detection.bugdet",)),
        ({"detektion": {}}, ("detektion",)),
        ({"applications": {"rules": [{"functions": "a", "aplication": "b"}]}}, ("aplication", "rules[0]")),
        ({"detection": {"budget": "low"}}, ("detection.budget: give a number",)),
        ({"limits": {"max_depth": 1.5}}, ("limits.max_depth: give a whole number",)),
        ({"detection": {"budget": 0}}, ("detection.budget",)),
        ({"detection": {"budget": 0.5}}, ("detection.budget",)),
        ({"detection": {"budget": float("nan")}}, ("detection.budget",)),
        ({"detection": {"ready_flows": 1}}, ("detection.ready_flows",)),
        ({"detection": {"folds": 1}}, ("detection.folds",)),
        ({"limits": {"max_open_events": 0}}, ("limits.max_open_events",)),
        ({"limits": {"lateness_s": float("nan")}}, ("limits.lateness_s",)),
        ({"limits": {"lateness_s": float("inf")}}, ("limits.lateness_s",)),
        ({"limits": {"max_depth": 2**62}}, ("limits.max_depth",)),
        ({"detection": {"ready_flows": 2**62}}, ("detection.ready_flows",)),
        ({"detection": {"folds": 10_000}}, ("detection.folds",)),
        ({"detection": {"a\nb\x1b": 1}}, ("a\\nb\\x1b",)),
        ({"applications": {"rules": [{"functions": "(", "application": "b"}]}}, ("applications.rules",)),
    ],
)
def test_a_mistake_is_told_with_file_and_key(raw: dict[str, object], named: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        settings_from(raw, "my.toml")
    message = str(caught.value)
    assert message.startswith("my.toml: ")
    assert message.endswith(".")
    assert "\n" not in message
    for part in named:
        assert part in message


@pytest.mark.parametrize("content", [b"[detection", b"\xff\xfe", b"a = 1\na = 2", b"a = " + b"9" * 9_999])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"broken\.toml: the settings cannot be read as TOML"):
        load_settings(path)


def test_a_missing_file_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: there is no such settings file"):
        load_settings(tmp_path / "absent.toml")
    with pytest.raises(ConfigError, match="the settings cannot be read"):
        load_settings(tmp_path)


def test_a_file_without_an_end_or_without_a_floor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="bytes at most"):
        load_settings(Path("/dev/zero"))
    (tmp_path / "deep.toml").write_bytes(b"a = " + b"[" * 100_000)
    with pytest.raises(ConfigError, match="nested too deeply"):
        load_settings(tmp_path / "deep.toml")
