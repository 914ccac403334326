"""Options that several verbs share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from math import isnan, nan
from pathlib import Path
from typing import NamedTuple

import msgspec

from coldtrail.config import Settings, load_settings, settings_from
from coldtrail.errors import ConfigError
from coldtrail.registry import FORMATS


def a_path(text: str) -> Path:
    """The path that an option names; none is empty, which would stand for the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("the path is empty")
    return Path(text)


def add_input(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """Adds `--input` and `--format`."""
    parser.add_argument(
        "--input",
        nargs="+",
        required=required,
        metavar="PATH",
        help="telemetry: files or folders, plain, .gz or .zst; - is standard input",
    )
    add_format(parser)


def add_format(parser: argparse.ArgumentParser) -> None:
    """Adds `--format`."""
    names = ", ".join(["auto", *FORMATS])
    parser.add_argument("--format", default="auto", metavar="NAME", help=f"of the telemetry: {names}")


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Adds `--workers`."""
    what = "processes that share the work where there is much of it (default: one a core)"
    parser.add_argument("--workers", type=int, metavar="N", help=what)


def add_config(parser: argparse.ArgumentParser) -> None:
    """Adds `--config`."""
    parser.add_argument("--config", type=a_path, metavar="FILE", help="settings (TOML); see docs/settings.md")


def add_live_config(parser: argparse.ArgumentParser) -> None:
    """Adds `--config` of the service, by default the file that `coldtrail init` writes."""
    what = "settings of the service (default: coldtrail.toml)"
    parser.add_argument("--config", type=a_path, default=Path("coldtrail.toml"), metavar="FILE", help=what)


def a_number(text: str) -> int:
    """How many things a page shows."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 1 and 1,000")
    return int(text)


def add_page(parser: argparse.ArgumentParser) -> None:
    """Adds `--limit` and `--after`."""
    parser.add_argument("--limit", type=a_number, default=50, metavar="N", help="at most (default 50)")
    parser.add_argument("--after", default="", metavar="PLACE", help="those after a page that told this")


def subverb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    help: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    """The parser of a verb below a verb of the service."""
    parser = verbs.add_parser(name, help=help, description=f"{help[:1].upper()}{help[1:]}.")
    add_live_config(parser)
    parser.set_defaults(run=run)
    return parser


def add_limits(parser: argparse.ArgumentParser) -> None:
    """Adds `--config`, of which only the limits count."""
    what = "settings (TOML) whose limits replace the bundle's; see docs/settings.md"
    parser.add_argument("--config", type=a_path, metavar="FILE", help=what)


def add_bundle(parser: argparse.ArgumentParser, purpose: str) -> None:
    """Adds `--bundle`."""
    parser.add_argument("--bundle", required=True, type=a_path, metavar="DIR", help=purpose)


def add_feedback(parser: argparse.ArgumentParser) -> None:
    """Adds `--feedback`."""
    what = "what people said of flows, JSON lines; see docs/using.md"
    parser.add_argument("--feedback", type=a_path, metavar="FILE", help=what)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Adds `--json`."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


class AlertsADay(NamedTuple):
    """A budget in the unit that a team thinks in."""

    alerts: float


def a_budget(text: str) -> float | AlertsADay:
    """What `--budget` asks for: a share of the flows, or `N/day`."""
    number, slash, unit = text.partition("/")
    try:
        amount = float(number)
    except ValueError:
        amount = nan
    if isnan(amount) or (slash and (unit != "day" or amount <= 0.0)):
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a share of flows, as 0.003, nor alerts a day, as 1/day"
        )
    return AlertsADay(amount) if slash else amount


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings of `--config`, overridden by the options given."""
    settings = _holding(load_settings(options.config), getattr(options, "hold_rare", None))
    budget, a_day = getattr(options, "budget", None), getattr(options, "false_alarms_a_day", None)
    if budget is None and a_day is None:
        return settings
    if a_day is not None and not a_day > 0:
        raise ConfigError(f"--false-alarms-a-day is {a_day:g}; give a number above 0.")
    raw = msgspec.to_builtins(settings)
    raw["detection"] |= {"hold_budget": True, "false_alarms_a_day": a_day or 0.0, "alerts_a_day": 0.0}
    if isinstance(budget, AlertsADay):
        raw["detection"]["alerts_a_day"] = budget.alerts
    elif budget is not None:
        raw["detection"]["budget"] = budget
    return settings_from(raw, "--budget" if a_day is None else "--false-alarms-a-day")


def _holding(settings: Settings, share: float | None) -> Settings:
    if share is None:
        return settings
    raw = msgspec.to_builtins(settings)
    raw["detection"] |= {"hold_rare": share, "hold_budget": settings.detection.hold_budget}
    return settings_from(raw, "--hold-rare")
