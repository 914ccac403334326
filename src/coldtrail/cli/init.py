"""`coldtrail init`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from coldtrail.cli.options import a_path, add_json
from coldtrail.registry import LIVE_SOURCES, NOTIFIERS

if TYPE_CHECKING:
    from coldtrail.verbs.initialising import Initialised

_EXAMPLE = """\
example:
  coldtrail init --source otlp --source cloudwatch-logs --region eu-west-1 --notify slack

Writes coldtrail.toml with every key explained, and prints the least that your account has
to allow for it. Read it, correct what stands there for your names, and ask `coldtrail
doctor` whether all is right."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "Write the settings of the live service, and print what they need to be allowed."
    parser.epilog = _EXAMPLE
    parser.add_argument(
        "--config",
        type=a_path,
        default=Path("coldtrail.toml"),
        metavar="FILE",
        help="where to write (default: coldtrail.toml)",
    )
    sources = ", ".join(sorted(LIVE_SOURCES))
    notifiers = ", ".join(sorted(NOTIFIERS))
    parser.add_argument(
        "--source",
        action="append",
        metavar="KIND",
        help=f"where telemetry comes from, as often as you like: {sources} (default: otlp)",
    )
    parser.add_argument(
        "--notify", action="append", default=[], metavar="KIND", help=f"whom to tell: {notifiers}"
    )
    parser.add_argument("--region", type=_a_region, help="of what is read in AWS")
    parser.add_argument("--account", type=_an_account, help="number of the AWS account")
    parser.add_argument("--role", type=_a_role, metavar="ARN", help="a role to read as")
    parser.add_argument("--policy", type=a_path, metavar="FILE", help="write the policy there instead")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the verb and returns the exit status."""
    from coldtrail.cli.screen import print_json, print_warnings
    from coldtrail.service.settings_file import Chosen
    from coldtrail.verbs.initialising import initialise, write_policies

    chosen = Chosen(
        options.source or ["otlp"],
        options.notify,
        options.region or "",
        options.account or "",
        options.role or "",
    )
    done = initialise(options.config, chosen, force=options.force)
    files = [] if options.policy is None else write_policies(options.policy, done.policies)
    print_warnings(done.notes)
    if options.json:
        print_json({"config": str(done.path), "policies": done.policies, "files": list(map(str, files))})
        return 0
    _show(done, files)
    return 0


def _show(done: Initialised, files: list[Path]) -> None:
    import json

    from coldtrail.alerts.showing.shell import in_shell
    from coldtrail.cli.screen import output
    from coldtrail.records.next_step import Command

    screen = output()
    screen.print(f"Wrote {done.path}; every key is explained there.", markup=False)
    if not done.needs:
        screen.print("What it names needs nothing of an AWS account.")
    for need in done.needs:
        who = f"{need.role}: " if need.role else ""
        told = f"{who}{', '.join(need.permission.actions)}: {need.permission.why} ({need.whose})."
        screen.print(f"Allow {told}", markup=False, soft_wrap=True)
    for file in files:
        screen.print(f"Policy: {file}", markup=False)
    for role, policy in () if files else done.policies.items():
        screen.print(f"Policy of {role or 'whatever the service runs as'}:", markup=False, soft_wrap=True)
        for line in json.dumps(policy, indent=2).splitlines():
            screen.print(line, markup=False, soft_wrap=True)
    named = () if str(done.path) == "coldtrail.toml" else ("--config", str(done.path))
    screen.print(f"Next: {in_shell(Command(('coldtrail', 'doctor', *named)))}", markup=False, soft_wrap=True)


def _an_account(text: str) -> str:
    if len(text) != len("111122223333") or not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of an account; it has 12 digits")
    return text


def _a_region(text: str) -> str:
    if not text.isascii() or not text.replace("-", "").isalnum():
        raise argparse.ArgumentTypeError(f"{text!r} is no region, as eu-west-1")
    return text


def _a_role(text: str) -> str:
    if not text.startswith("arn:") or ":role/" not in text or not text.isprintable():
        raise argparse.ArgumentTypeError(
            f"{text!r} is no ARN of a role, as arn:aws:iam::111122223333:role/coldtrail-read"
        )
    return text
