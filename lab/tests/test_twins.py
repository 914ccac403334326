"""Each file of the paper's reproduction has its twin among the tests, but for a short stated list."""

from __future__ import annotations

from pathlib import Path

import coldtrail_paper

SOURCES = Path(coldtrail_paper.__file__).parent
TESTS = Path(__file__).parent / "paper"
TESTED_ELSEWHERE = {
    "figures.py": "parts of the report: test_reproducing.py",
    "markdown.py": "test_reproducing.py",
    "page.py": "test_reproducing.py",
    "report.py": "test_reproducing.py",
}


def test_each_source_file_has_its_twin() -> None:
    sources = {path.name for path in SOURCES.glob("*.py") if path.name != "__init__.py"}
    alone = {name for name in sources if not (TESTS / f"test_{name}").is_file()}
    assert alone == TESTED_ELSEWHERE.keys()
