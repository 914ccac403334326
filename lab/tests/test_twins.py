"""Each file of the verbs and of the paper's reproduction has its twin here, but for a short stated list."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

import coldtrail_lab
import coldtrail_paper

TESTED_ELSEWHERE = {
    coldtrail_lab: {},
    coldtrail_paper: {
        "figures.py": "parts of the report: test_reproducing.py",
        "markdown.py": "test_reproducing.py",
        "page.py": "test_reproducing.py",
        "report.py": "test_reproducing.py",
    },
}


@pytest.mark.parametrize("package", TESTED_ELSEWHERE, ids=lambda package: package.__name__)
def test_each_source_file_has_its_twin(package: ModuleType) -> None:
    tests = Path(__file__).parent / package.__name__.removeprefix("coldtrail_")
    sources = {path.name for path in Path(package.__path__[0]).glob("*.py") if path.name != "__init__.py"}
    alone = {name for name in sources if not (tests / f"test_{name}").is_file()}
    assert alone == TESTED_ELSEWHERE[package].keys()
