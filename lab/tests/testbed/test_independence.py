"""The testbed stands alone: it is also what checks Coldtrail."""

import ast
from pathlib import Path

import coldtrail_testbed


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def test_imports_nothing_of_coldtrail() -> None:
    sources = list(Path(coldtrail_testbed.__file__).parent.rglob("*.py"))
    assert len(sources) > 40
    assert [path for path in sources if "coldtrail" in _imported(path)] == []
