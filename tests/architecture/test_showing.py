"""What telemetry says leaves by the ways of `alerts/showing` and by no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAB = ROOT / "lab" / "src"
HOUSES = (ROOT / "src" / "coldtrail", LAB / "coldtrail_lab", LAB / "coldtrail_paper")
SOURCES = sorted(path for house in HOUSES for path in house.rglob("*.py"))
MAY: dict[str, set[str]] = {
    "Console": {"alerts/showing/terminal.py"},
    "Text": {"alerts/showing/terminal.py"},
    "from_markup": set(),
    "print": {"cli/streams.py"},
    "Markup": {"reports/html.py"},
}
"""Who may call what shows text as it is."""


def name_of(path: Path) -> str:
    return next(str(path.relative_to(house)) for house in HOUSES if path.is_relative_to(house))


def called(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def test_nothing_shows_text_by_another_way() -> None:
    for name, function, call in ((name_of(path), *one) for path in SOURCES for one in called(path)):
        last = function.rpartition(".")[2]
        if function in ("Console", "Text", "print", "Markup") or last == "from_markup":
            assert name in MAY[last], f"{name}:{call.lineno} calls {function}"
        if function in ("streams.tell", "tell") and name.startswith("cli/"):
            assert name == "cli/saying.py", f"{name}:{call.lineno} says something by itself"
        if function in ("shlex.join", "shlex.quote"):
            assert name == "alerts/showing/shell.py", f"{name}:{call.lineno} makes a command"
        if function == "TextColumn":
            assert "markup=False" in ast.unparse(call), f"{name}:{call.lineno} reads markup"
        if re.fullmatch(r"sys\.std(out|err)(\.buffer)?\.write", function):
            assert name == "cli/screen.py", f"{name}:{call.lineno} writes by itself"


def test_no_command_is_written_as_text() -> None:
    """`aws …` stands in no string: a command is a tuple of arguments (`records/next_step.py`)."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.match(r"\s*aws [a-z]", node.value), f"{name_of(path)}:{node.lineno}"


def test_the_words_of_alerts_hold_no_command() -> None:
    for path in (ROOT / "src" / "coldtrail" / "alerts" / "data").glob("*.toml"):
        assert not re.search(r"\baws [a-z-]+ [a-z]", path.read_text(encoding="utf-8")), path.name


def test_only_what_is_drawn_by_us_goes_unescaped_into_a_page() -> None:
    for path in (ROOT / "src" / "coldtrail" / "reports" / "templates").glob("*.j2"):
        safe = re.findall(r"{{([^}]*\|\s*safe[^}]*)}}", path.read_text(encoding="utf-8"))
        assert [one.strip() for one in safe] in ([], ["figure.svg | safe"]), path.name
        assert "autoescape" not in path.read_text(encoding="utf-8")
