"""What the documents say is so: the README's session runs, and every setting, verb and format is named."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from msgspec import Struct

from coldtrail.cli.main import VERBS
from coldtrail.config import Settings, load_settings
from coldtrail.registry import DETECTORS
from tests.architecture.structure import MOST_FILE_LINES, MOST_LINES

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "coldtrail"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "lab" / "README.md"])
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
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


PLACE = re.compile(r"`([\w/.]+(?:/|\.py))(?::([\w.]+))?`")
"""A file or folder, and what is defined in it: `records/flow.py:Flow`."""


def defined(path: Path) -> set[str]:
    """The names of a module: its own, and those in its classes as `Class.name`."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        names = _names(node)
        found |= names
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{name}" for part in node.body for name in _names(part)}
    return found


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    several = [target.elts if isinstance(target, ast.Tuple) else [target] for target in targets]
    return {target.id for some in several for target in some if isinstance(target, ast.Name)}


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "docs/architecture.md", "docs/detection.md"])
def test_every_place_that_a_document_names_exists(document: str) -> None:
    places = PLACE.findall((ROOT / document).read_text(encoding="utf-8"))
    assert len(places) > 10
    for named, name in places:
        if "NAME" in named:
            continue
        found = next((root / named for root in (ROOT, PACKAGE) if (root / named).exists()), None)
        assert found is not None, f"{document} names {named}"
        assert not name or name in defined(found), f"{document} names {name} in {named}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_from_the_root_that_a_document_names_exists(document: Path) -> None:
    tops = "src|lab|tests|docs|benchmarks|deploy|examples"
    for named in re.findall(rf"`((?:{tops})/[\w/.-]+)`", document.read_text(encoding="utf-8")):
        assert "NAME" in named or (ROOT / named).exists(), f"{document.name} names {named}"


def test_the_architecture_shows_the_floors_that_the_tests_hold() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (layers,) = [one["layers"] for one in contracts["contracts"] if one["type"] == "layers"]
    shown = "\n".join(layer for layer in layers if layer != "__main__")
    assert f"```\n{shown}\n```" in ARCHITECTURE


def test_the_architecture_tells_of_every_room_and_promise() -> None:
    for path in PACKAGE.iterdir():
        if path.is_dir() and path.name != "__pycache__":
            assert re.search(rf"\*\*`{path.name}`\*\*", ARCHITECTURE), path.name
    for promise in (MOST_FILE_LINES, MOST_LINES):
        assert re.search(rf"\| [^|]*\b{promise} \|", ARCHITECTURE), promise


def test_every_link_between_documents_leads_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} points to {target}"


def test_every_row_of_the_security_page_names_a_test_that_exists() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.count("|") == 6]
    rows = [row for row in rows if not row[0].startswith("---") and row[0].strip() != "who"]
    assert rows
    for who, attack, _, proof, _ in rows:
        places = PLACE.findall(proof)
        assert places, f"{who}, {attack} names no test"
        for named, name in places:
            assert named.startswith(("tests/", "benchmarks/", "lab/")), named
            assert (ROOT / named).exists(), named
            assert not name or name in defined(ROOT / named), f"{named}:{name}"
