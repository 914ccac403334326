"""What the documents say is so: the README's session runs, and every setting, verb and format is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import Struct

from coldtrail.cli.main import VERBS
from coldtrail.config import Settings, load_settings
from coldtrail.registry import DETECTORS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_python_session_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (session,) = blocks(README, "python")
    # The README is ours, and running it is the test.
    exec(compile(session, "README.md", "exec"), {})
    assert "flows learned" in capsys.readouterr().out
    assert (tmp_path / "verdicts.jsonl").exists()


def test_the_settings_file_of_the_documents_is_valid_and_holds_the_defaults(tmp_path: Path) -> None:
    (shown,) = blocks(SETTINGS, "toml")
    path = tmp_path / "coldtrail.toml"
    path.write_text(shown, encoding="utf-8")
    settings = load_settings(path)
    assert settings.limits == Settings().limits
    assert settings.detection == Settings().detection
    assert load_settings(ROOT / "examples" / "coldtrail.toml").detection == Settings().detection


@pytest.mark.parametrize("section", Settings.__struct_fields__)
def test_every_setting_is_documented(section: str) -> None:
    part: Struct = getattr(Settings(), section)
    for name in part.__struct_fields__:
        assert re.search(rf"\b{name}\b", SETTINGS), f"{section}.{name} is missing in docs/settings.md"


def test_every_verb_is_in_the_readme_or_the_changelog() -> None:
    text = README + (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for verb in VERBS:
        assert verb in text


def test_every_detector_is_named_in_the_settings() -> None:
    for detector in DETECTORS:
        assert detector in SETTINGS


def test_every_link_between_documents_leads_somewhere() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} points to {target}"
