"""A thousand hostile cases of all families, the same each time: `make fuzz` tries others for an hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.fuzz.__main__ import FAMILIES, problems_of_case
from benchmarks.fuzz.ground import Ground, ground
from benchmarks.fuzz.judging import problems_of, refused
from coldtrail.errors import ConfigError

CASES = {
    "documents": 230,
    "formats": 120,
    "bundles": 300,
    "states": 120,
    "settings": 120,
    "feedback": 30,
    "labels": 50,
    "commands": 30,
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("fuzz")) as made:
        yield made


def test_there_are_a_thousand_cases_of_all_families() -> None:
    assert sum(CASES.values()) == 1_000
    assert CASES.keys() == FAMILIES.keys()


@pytest.mark.parametrize("family", CASES)
def test_nothing_hostile_stops_what_is_good(base: Ground, family: str) -> None:
    refused.clear()
    wrong = {
        number: problems
        for number in range(CASES[family])
        if (problems := problems_of_case(family, number, base))
    }
    assert wrong == {}
    if family not in ("documents", "formats", "commands"):
        assert sum(refused.values()) > CASES[family] // 10, "nothing was hostile"


def test_a_fault_would_be_seen(base: Ground) -> None:
    def calls(error: BaseException | None) -> list[str]:
        if error is not None:
            raise error
        return ["a fault"]

    assert problems_of(lambda: calls(None), 1, may_refuse=True) == ["a fault"]
    assert problems_of(lambda: calls(ConfigError("One sentence.")), 1, may_refuse=True) == []
    assert problems_of(lambda: calls(ConfigError("One sentence.")), 1, may_refuse=False) != []
    assert problems_of(lambda: calls(ConfigError("no sentence")), 1, may_refuse=True) != []
    (said,) = problems_of(lambda: calls(KeyError("x")), 1, may_refuse=True)
    assert "Traceback" in said


def test_a_case_is_made_again_by_its_number(base: Ground, tmp_path: Path) -> None:
    from random import Random

    from benchmarks.fuzz.families.documents import hostile

    made = Counter(hostile(Random(f"documents {number}")) for number in (1, 2, 1, 2))
    assert set(made.values()) == {2}


def test_a_case_of_formats_is_made_again_by_its_number_and_all_formats_come() -> None:
    from random import Random

    from benchmarks.fuzz.families.formats import NEW, hostile

    made = [[hostile(Random(f"formats {number}")) for number in range(60)] for _ in range(2)]
    assert made[0] == made[1]
    names = {name.partition(".")[0] for files in made[0] for name, _ in files}
    assert names >= {*NEW, "mixed", "trace"}
