"""The tables of `coldtrail bundle show` that tell of groups of functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from coldtrail.verbs.known_groups import KnownGroup, KnownGrouping

_LONGEST = 40
_FEW_MEMBERS = 8
_FEW_GROUPS = 4


def group_table(groups: Sequence[KnownGroup]) -> Table:
    """The groups by behaviour, each with how much of it other days would bring again."""
    from rich import box
    from rich.table import Table

    from coldtrail.alerts.showing.plain import short

    table = Table(title="Functions that behave alike", title_justify="left", box=box.SIMPLE)
    table.add_column("Group", justify="right")
    table.add_column("What they do", overflow="fold")
    table.add_column("Same on other days", justify="right")
    table.add_column("Flows", justify="right")
    table.add_column("Functions", overflow="fold")
    for one in groups:
        members = [short(name.rpartition("/")[2], _LONGEST) for name in one.functions]
        more = f" and {len(members) - _FEW_MEMBERS:,} more" if len(members) > _FEW_MEMBERS else ""
        table.add_row(
            str(one.number),
            short(one.name),
            _again(one),
            f"{one.flows:,}",
            ", ".join(members[:_FEW_MEMBERS]) + more,
        )
    return table


def grouping_table(groupings: Sequence[KnownGrouping]) -> Table:
    """Ways to group functions by what is known of them, and which are the same on other days."""
    from rich import box
    from rich.table import Table

    from coldtrail.alerts.showing.plain import short
    from coldtrail.alerts.wording.amounts import share

    table = Table(title="Functions by what is known of them", title_justify="left", box=box.SIMPLE)
    table.add_column("By", overflow="fold")
    table.add_column("Groups", justify="right")
    table.add_column("Agreement on other days", justify="right")
    table.add_column("Functions that stay", justify="right")
    table.add_column("Stable")
    table.add_column("Largest", overflow="fold")
    for one in groupings:
        largest = sorted(one.groups, key=lambda group: (-len(group.functions), group.values))[:_FEW_GROUPS]
        table.add_row(
            " and ".join(one.by),
            f"{len(one.groups):,}",
            f"{one.rand:.2f}",
            share(one.kept),
            "yes" if one.is_stable else "no",
            "; ".join(f"{short(', '.join(group.values))}: {len(group.functions):,}" for group in largest),
        )
    return table


def _again(one: KnownGroup) -> str:
    from coldtrail.alerts.wording.amounts import share

    if len(one.functions) < 2:
        return "-"
    return "unknown" if one.stability is None else share(one.stability)
