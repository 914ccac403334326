"""Options that several verbs share."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from coldtrail.config import Settings, load_settings, settings_from
from coldtrail.registry import FORMATS


def add_input(parser: argparse.ArgumentParser) -> None:
    """Adds `--input` and `--format`."""
    parser.add_argument(
        "--input",
        nargs="+",
        required=True,
        metavar="PATH",
        help="telemetry: files or folders, plain, .gz or .zst; - is standard input",
    )
    add_format(parser)


def add_format(parser: argparse.ArgumentParser) -> None:
    """Adds `--format`."""
    names = ", ".join(["auto", *FORMATS])
    parser.add_argument("--format", default="auto", metavar="NAME", help=f"of the telemetry: {names}")


def add_config(parser: argparse.ArgumentParser) -> None:
    """Adds `--config`."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings (TOML); see docs/settings.md")


def add_limits(parser: argparse.ArgumentParser) -> None:
    """Adds `--config`, of which only the limits count."""
    what = "settings (TOML) whose limits replace the bundle's; see docs/settings.md"
    parser.add_argument("--config", type=Path, metavar="FILE", help=what)


def add_bundle(parser: argparse.ArgumentParser, purpose: str) -> None:
    """Adds `--bundle`."""
    parser.add_argument("--bundle", required=True, type=Path, metavar="DIR", help=purpose)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Adds `--json`."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings of `--config`, with `--budget` put in its place."""
    settings = load_settings(options.config)
    budget = getattr(options, "budget", None)
    if budget is None:
        return settings
    raw = msgspec.to_builtins(settings)
    raw["detection"]["budget"] = budget
    return settings_from(raw, "--budget")
