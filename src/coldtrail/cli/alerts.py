"""`coldtrail alerts`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from coldtrail.cli.options import a_path, add_json, add_page, subverb

if TYPE_CHECKING:
    from coldtrail.store.database import AlertRow

_EXAMPLE = """\
examples:
  coldtrail alerts list
  coldtrail alerts show ct-0f247e3b
  coldtrail alerts close ct-0f247e3b --as benign --note "our own scanner"
  coldtrail alerts accept ct-0f247e3b
  coldtrail alerts feedback --output said.jsonl
  coldtrail update --bundle model --input traces/ --feedback said.jsonl --output model

An id may be cut, as long as only one alert begins so. It works while the service runs."""
_STATES = ("open", "acknowledged", "closed")


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the verbs of alerts."""
    parser.description = "The alerts that the service keeps, and what you decide on them."
    parser.epilog = _EXAMPLE
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    listed = subverb(verbs, "list", "alerts, the latest seen first", _list)
    listed.add_argument("--state", action="append", choices=_STATES, help="only these (default: not closed)")
    listed.add_argument("--all", action="store_true", help="closed ones too")
    add_page(listed)
    add_json(listed)
    fed = subverb(
        verbs, "feedback", "what was accepted, or closed as true, for `coldtrail update`", _feedback
    )
    fed.add_argument("--output", required=True, type=a_path, metavar="FILE", help="JSON lines; - prints them")
    shown = subverb(verbs, "show", "one alert: why, evidence, decisions, what to do", _show)
    _add_id(shown)
    add_json(shown)
    for name, what, text in (
        ("ack", "acknowledge", "you have seen it"),
        ("close", "close", "it is dealt with; it comes back only after a day of rest"),
        ("assign", "assign", "to somebody"),
        ("accept", "accept", "it is usual: the next update learns it"),
    ):
        chosen = subverb(verbs, name, text, _decide)
        _add_id(chosen)
        chosen.set_defaults(what=what)
        chosen.add_argument("--by", metavar="NAME", help="who decides (default: your login name)")
        if name == "assign":
            chosen.add_argument("--to", required=True, metavar="NAME", help="to whom; '' for nobody")
        else:
            chosen.add_argument("--note", default="", metavar="TEXT", help="why")
        if name == "close":
            chosen.add_argument(
                "--as", dest="resolution", default="unknown", metavar="WHAT",
                help="true, benign, duplicate or unknown (default)",
            )  # fmt: skip


def _feedback(options: argparse.Namespace) -> int:
    from coldtrail.cli.screen import output
    from coldtrail.service.opening import opened
    from coldtrail.service.settings import load_live_settings
    from coldtrail.store.destinations import is_standard_output
    from coldtrail.verbs.feeding_back import write_feedback

    with opened(load_live_settings(options.config)) as database:
        number = write_feedback(database, options.output)
    screen = output(on_stderr=is_standard_output(options.output))
    screen.print(f"{number:,} remarks written; `coldtrail update --feedback` learns them.")
    return 0


def _add_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="of the alert, or what it begins with")


def _list(options: argparse.Namespace) -> int:
    from coldtrail.cli.screen import print_json
    from coldtrail.service.opening import opened
    from coldtrail.service.settings import load_live_settings
    from coldtrail.verbs.alerting import OPEN, list_alerts, page_of

    states = options.state or (_STATES if options.all else OPEN)
    with opened(load_live_settings(options.config)) as database:
        rows, after = list_alerts(database, states, options.limit, options.after)
    if options.json:
        print_json(page_of(rows, after))
        return 0
    _print(rows, after)
    return 0


def _print(rows: Sequence[AlertRow], after: str) -> None:
    from coldtrail.cli.screen import output
    from coldtrail.reports.live_tables import print_live_alerts

    screen = output()
    print_live_alerts(rows, screen)
    if after:
        screen.print(f"More follow: --after {after}")


def _show(options: argparse.Namespace) -> int:
    from coldtrail.cli.screen import output, print_json
    from coldtrail.reports.live_tables import print_live_alert
    from coldtrail.service.opening import opened
    from coldtrail.service.settings import load_live_settings
    from coldtrail.verbs.alerting import live_alert, show_alert

    with opened(load_live_settings(options.config)) as database:
        row, decisions = show_alert(database, options.id)
    if options.json:
        print_json(live_alert(row, decisions))
    else:
        print_live_alert(row, decisions, output())
    return 0


def _decide(options: argparse.Namespace) -> int:
    from coldtrail.alerts.deciding import ASSIGN, CLOSE, closing
    from coldtrail.service.opening import opened
    from coldtrail.service.settings import load_live_settings
    from coldtrail.verbs.alerting import decide, who

    detail: str = options.to if options.what == ASSIGN else options.note
    if options.what == CLOSE:
        detail = closing(options.resolution, options.note)
    with opened(load_live_settings(options.config)) as database:
        row = decide(database, options.id, options.what, by=who(options.by), at=time.time(), detail=detail)
    _print([row], "")
    return 0
