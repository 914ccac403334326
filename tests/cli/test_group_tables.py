"""The tables of groups."""

from __future__ import annotations

from rich.console import Console

from coldtrail.cli.group_tables import group_table, grouping_table
from coldtrail.verbs.known_groups import AlikeFunctions, KnownGroup, KnownGrouping


def printed(table: object) -> list[str]:
    screen = Console(width=150, markup=False)
    with screen.capture() as captured:
        screen.print(table)
    return captured.get().splitlines()


def row(lines: list[str], part: str) -> str:
    return next(line for line in lines if part in line)


def test_groups_tell_what_other_days_would_bring_again() -> None:
    groups = [
        KnownGroup(1, "reads S3", ["shop/a", "shop/b"], 10, 0.914),
        KnownGroup(2, "writes S3", ["shop/c", "shop/d"], 10),
        KnownGroup(3, "[b]sends[/b]", ["shop/e"], 10),
    ]
    lines = printed(group_table(groups))
    assert "91 %" in row(lines, "reads S3")
    assert "unknown" in row(lines, "writes S3")
    assert " - " in row(lines, "[b]sends[/b]")


def test_ways_to_group_tell_whether_they_are_stable() -> None:
    some = [AlikeFunctions((f"kind {n}",), [f"f{i}" for i in range(n)]) for n in range(1, 7)]
    lines = printed(grouping_table([
        KnownGrouping(("trigger", "traffic"), some, 0.5, 0.8, False),
        KnownGrouping(("application",), some[:1], 1.0, 1.0, True),
    ]))  # fmt: skip
    unstable = row(lines, "trigger and traffic")
    assert "0.50" in unstable
    assert "80 %" in unstable
    assert " no " in unstable
    assert "kind 6: 6" in unstable
    assert not any("kind 2" in line for line in lines)
    assert " yes " in row(lines, "application")
