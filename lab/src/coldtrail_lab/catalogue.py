"""The tables of `coldtrail testbed list`."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table


def print_catalogue(screen: Console, catalogue: dict[str, Any]) -> None:
    """Prints the applications, the attacks, the benign look-alikes and the formats."""
    screen.print(_applications(catalogue["applications"]))
    screen.print(_attacks(catalogue["attacks"], [one["name"] for one in catalogue["applications"]]))
    screen.print(_look_alikes(catalogue["look_alikes"]))
    screen.print("Telemetry: " + ", ".join(catalogue["telemetry"]))


def _applications(applications: list[dict[str, Any]]) -> Table:
    table = Table("application", "visits", "functions", "state machines", box=box.SIMPLE_HEAD)
    for one in applications:
        functions = ", ".join(one["functions"])
        number = f"{len(one['functions'])}: {functions}"
        table.add_row(one["name"], f"{one['iterations']:,}", number, ", ".join(one["state_machines"]))
    return table


def _attacks(attacks: list[dict[str, Any]], applications: list[str]) -> Table:
    where = [f"in {name}" for name in applications]
    table = Table("attack", "group", *where, "what happens", box=box.SIMPLE_HEAD)
    for one in attacks:
        groups = ", ".join(group for group in one["groups"] if group != "all")
        places = [one["functions"].get(name, "-") for name in applications]
        table.add_row(one["name"], groups, *places, one["summary"])
    return table


def _look_alikes(look_alikes: list[dict[str, Any]]) -> Table:
    table = Table("benign look-alike", "group", "what happens", box=box.SIMPLE_HEAD)
    for one in look_alikes:
        table.add_row(one["name"], ", ".join(one["groups"]), one["summary"])
    return table
