"""The structure of the product keeps its promises, and is measured as it is told."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.architecture import structure
from tests.architecture.structure import FIGURES, PRODUCT, Figure, Structure, measure, offenders

KNOWN: dict[str, str] = {}
"""What does not keep the promises yet, and why; it only ever gets shorter."""


@pytest.fixture(scope="module")
def product() -> Structure:
    return measure(PRODUCT)


def test_what_breaks_a_promise_is_known(product: Structure) -> None:
    assert offenders(product).keys() == KNOWN.keys()


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_every_figure_holds(product: Structure, figure: Figure) -> None:
    if KNOWN and figure.name in ("lines of the longest function", "import circles"):
        pytest.xfail("the known offenders")
    assert figure.of(product) <= figure.most


@pytest.mark.parametrize(("lines", "linted", "status"), [(9, 0, 0), (9, 1, 1), (301, 0, 1)])
def test_the_figures_are_printed(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    lines: int,
    linted: int,
    status: int,
) -> None:
    of({"records/flow.py": "def f():\n    pass\n" + "x = 1\n" * (lines - 2)}, tmp_path)
    monkeypatch.setattr(structure, "PRODUCT", tmp_path / "box")
    monkeypatch.setattr(structure, "LABORATORY", ())
    monkeypatch.setattr(
        structure, "floors", lambda: subprocess.CompletedProcess([], linted, stdout="1 broken.")
    )
    assert structure.main() == status
    said = capsys.readouterr().out
    assert all(figure.name in said for figure in FIGURES)
    assert ("1 broken." if linted else "kept.") in said
    assert ("records/flow.py: 301 lines" in said) == (lines > 300)


NESTED = """
def outer(a):
    if a:
        return 1
    elif a > 1:
        for b in a:
            with b:
                return 2
    else:
        try:
            pass
        except ValueError:
            while a:
                match a:
                    case 1:
                        a = 0

    def inner():
        if a:
            return 3

class Thing:
    async def method(self):
        return [x for x in self if x]
"""


def test_functions_are_measured_by_lines_and_by_nested_blocks(tmp_path: Path) -> None:
    found = of({"one.py": NESTED}, tmp_path).functions
    assert found == (
        ("one.py:outer", 19, 4),
        ("one.py:outer.inner", 3, 1),
        ("one.py:Thing.method", 2, 0),
    )


@pytest.mark.parametrize(
    ("files", "circle"),
    [
        ({"a.py": "from box.b import x", "b.py": ""}, None),
        ({"a.py": "from box import b", "b.py": "import box.a"}, "box.a box.b"),
        ({"a.py": "from box.b import x", "b.py": "def f():\n    from box.a import y"}, "box.a box.b"),
        (
            {"a.py": "if TYPE_CHECKING:\n    from box.b import x", "b.py": "from box.a import y"},
            "box.a box.b",
        ),
        ({"r/__init__.py": "from box.r.a import x", "r/a.py": "from box.r import y"}, "box.r box.r.a"),
        # No module imports itself by any way, but each room imports the other.
        (
            {
                "r/__init__.py": "",
                "r/a.py": "from box.s.a import x",
                "r/b.py": "",
                "s/__init__.py": "",
                "s/a.py": "",
                "s/b.py": "from box.r import b",
            },
            "box.r box.s",
        ),
    ],
)
def test_circles_are_found_wherever_an_import_stands(
    tmp_path: Path, files: dict[str, str], circle: str | None
) -> None:
    assert [" ".join(names) for names in of(files, tmp_path).circles] == ([circle] if circle else [])


def test_long_files_and_strangers_are_named(tmp_path: Path) -> None:
    found = of({"attic/__init__.py": "", "records/long.py": "x = 1\n" * 301}, tmp_path)
    assert offenders(found) == {"attic": "no entry of the layout", "records/long.py": "301 lines"}


def of(files: dict[str, str], folder: Path) -> Structure:
    """The structure of a package `box` with these files."""
    for name, text in {"__init__.py": "", **files}.items():
        (folder / "box" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "box" / name).write_text(text, encoding="utf-8")
    return measure(folder / "box")
