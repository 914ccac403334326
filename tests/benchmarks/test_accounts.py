"""Generated accounts: each line is a trace of one run, as X-Ray has it, and the same each time."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks import accounts
from coldtrail.verbs.inspecting import inspect

FUNCTIONS, FLOWS = 40, 2000


def test_every_line_is_read_and_every_function_runs(tmp_path: Path) -> None:
    planned = accounts.plans(FUNCTIONS)
    accounts.write(tmp_path, planned, FLOWS, 1)
    seen = inspect([tmp_path])
    assert seen.documents == seen.traces == FLOWS
    assert seen.losses == []
    assert {one.function_name for one in seen.functions} == {plan.name for plan in planned}
    assert sum(one.flows for one in seen.functions) == FLOWS


def test_the_same_seed_writes_the_same_and_another_does_not() -> None:
    planned = accounts.plans(FUNCTIONS, 3)
    first, second = (list(accounts.traces(planned, 100, 1)) for _ in range(2))
    assert first == second
    assert first != list(accounts.traces(planned, 100, 2))
    assert planned != accounts.plans(FUNCTIONS, 4)


def test_some_functions_are_busy_and_most_are_not() -> None:
    planned = accounts.plans(FUNCTIONS)
    lines = list(accounts.traces(planned, FLOWS, 1))
    runs = Counter(next(plan.name for plan in planned if plan.name in line) for line in lines)
    assert max(runs.values()) > 5 * min(runs.values())
