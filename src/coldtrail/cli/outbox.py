"""`coldtrail outbox`."""

from __future__ import annotations

import argparse

from coldtrail.cli.options import add_json, add_page, subverb

_EXAMPLE = """\
examples:
  coldtrail outbox list                 what could not be delivered, and why
  coldtrail outbox replay --all         try all of it again"""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the verbs of the outbox."""
    parser.description = "Messages that the service could not deliver and has given up."
    parser.epilog = _EXAMPLE
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    listed = subverb(verbs, "list", "messages that were given up, the latest first", _list)
    add_page(listed)
    add_json(listed)
    again = subverb(verbs, "replay", "deliver them after all", _replay)
    chosen = again.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--all", action="store_true", help="all that were given up")
    chosen.add_argument("--id", nargs="+", default=[], metavar="ID", help="these, or what they begin with")
    add_json(again)


def _list(options: argparse.Namespace) -> int:
    from coldtrail.cli.screen import output, print_json
    from coldtrail.reports.live_tables import print_deliveries
    from coldtrail.service.opening import opened
    from coldtrail.service.settings import load_live_settings
    from coldtrail.verbs.replaying import dead

    with opened(load_live_settings(options.config)) as database:
        found, after = dead(database, options.limit, options.after)
    if options.json:
        print_json({"deliveries": found, "next": after})
        return 0
    screen = output()
    print_deliveries(found, screen)
    if after:
        screen.print(f"More follow: --after {after}")
    return 0


def _replay(options: argparse.Namespace) -> int:
    from coldtrail.cli.screen import output, print_json
    from coldtrail.service.opening import opened
    from coldtrail.service.settings import load_live_settings
    from coldtrail.verbs.replaying import replay

    with opened(load_live_settings(options.config)) as database:
        again = replay(database, options.id, everything=options.all)
    if options.json:
        print_json({"replayed": [one.id for one in again]})
    else:
        output().print(f"{len(again):,} messages are due again.")
    return 0
