"""`coldtrail doctor`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from coldtrail.cli.options import add_json, add_live_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coldtrail.verbs.doctor.finding import Finding

_EXAMPLE = """\
example:
  coldtrail doctor --config coldtrail.toml

Looks at all that the settings name: may each source be read, what is traced and what not,
how much is sampled, how late it comes, about what it costs a month, what the bundle still
has to learn, whether channels can be told. It changes nothing, and takes no message from
a queue. Exit status: 0 all right, 1 something must be mended, 2 wrong settings."""
_MARKS = {"ok": "ok  ", "note": "note", "mend": "MEND"}


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options of the verb."""
    parser.description = "Look whether the live service can do its work, and say what must be mended."
    parser.epilog = _EXAMPLE
    add_live_config(parser)
    parser.add_argument("--send-test", action="store_true", help="send a test message to each channel")
    parser.add_argument(
        "--policy", action="store_true", help="print the IAM policies for these settings, and look at nothing"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the verb and returns the exit status."""
    from coldtrail.cli.screen import print_json, progress
    from coldtrail.service.settings import load_live_settings
    from coldtrail.verbs.doctor.examining import examine

    settings = load_live_settings(options.config)
    if options.policy:
        from coldtrail.service.permissions import needs_of, policies_of

        print_json(policies_of(needs_of(settings).needs))
        return 0
    with progress() as bar:
        found = examine(settings, send_test=options.send_test, tell=lambda what: bar(what, 0, 0))
    must = any(one.level == "mend" for one in found)
    if options.json:
        print_json({"ok": not must, "findings": found})
    else:
        _show(found)
    return 1 if must else 0


def _show(found: Sequence[Finding]) -> None:
    from coldtrail.alerts.wording.amounts import counted
    from coldtrail.cli.screen import output

    screen = output()
    for one in found:
        text = f"{_MARKS[one.level]}  {one.about}: {one.told}"
        screen.print(f"{text} {one.remedy}".rstrip(), markup=False, soft_wrap=True)
    must = sum(one.level == "mend" for one in found)
    notes = sum(one.level == "note" for one in found)
    if must:
        screen.print(f"{counted(must, 'thing')} must be mended.")
    else:
        screen.print("All right." if not notes else f"All right, with {counted(notes, 'note')}.")
