"""`coldtrail silences`."""

from __future__ import annotations

import argparse
import time

from coldtrail.cli.options import add_json, subverb

_EXAMPLE = """\
examples:
  coldtrail silences list
  coldtrail silences add --match function=Order --match kind~new_* --for 7d --comment "migration"
  coldtrail silences expire cs-1f2e3d

What matches is kept and counted, and not told, unless it grows two severities. A matcher is
FIELD=VALUE, FIELD=ONE,OTHER, FIELD!=VALUE or FIELD~PATTERN; all of them have to hold."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the verbs of silences."""
    parser.description = "What you want to hear nothing of, for a time that ends."
    parser.epilog = _EXAMPLE
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    listed = subverb(verbs, "list", "silences in force", _list)
    listed.add_argument("--all", action="store_true", help="those that have ended too")
    add_json(listed)
    added = subverb(verbs, "add", "a silence from now on", _add)
    added.add_argument("--match", action="append", required=True, metavar="MATCHER", help="what it means")
    added.add_argument(
        "--for", "--until", dest="until", required=True, metavar="WHEN",
        help="for how long (12h, 7d), or until when (2026-12-24T18:00Z); 90 days at most",
    )  # fmt: skip
    added.add_argument("--comment", required=True, metavar="TEXT", help="why")
    added.add_argument(
        "--reason", default="benign", metavar="WHAT", help="benign, accepted, maintenance or tuning"
    )
    added.add_argument("--teach", action="store_true", help="the next update learns it as usual")
    added.add_argument("--ticket", default="", metavar="TEXT", help="where it is written down")
    expired = subverb(verbs, "expire", "end a silence now", _expire)
    expired.add_argument("id", metavar="ID", help="of the silence, or what it begins with")
    for one in (added, expired):
        one.add_argument("--by", metavar="NAME", help="who decides (default: your login name)")
        add_json(one)


def _list(options: argparse.Namespace) -> int:
    from coldtrail.cli.screen import output, print_json, print_warnings
    from coldtrail.reports.live_tables import print_silences
    from coldtrail.service.opening import opened
    from coldtrail.service.settings import load_live_settings
    from coldtrail.verbs.silencing import remarks

    now = time.time()
    with opened(load_live_settings(options.config)) as database:
        silences = database.silences(at=None if options.all else now)
    if options.json:
        print_json(silences)
    else:
        print_silences(silences, output())
    print_warnings(remarks(silences, now))
    return 0


def _add(options: argparse.Namespace) -> int:
    from coldtrail.cli.screen import output, print_json
    from coldtrail.reports.live_tables import print_silences
    from coldtrail.service.opening import opened
    from coldtrail.service.settings import load_live_settings
    from coldtrail.verbs.alerting import who
    from coldtrail.verbs.silencing import add_silence

    with opened(load_live_settings(options.config)) as database:
        silence = add_silence(
            database, options.match, until=options.until, by=who(options.by), comment=options.comment,
            reason=options.reason, now=time.time(), teach=options.teach, ticket=options.ticket,
        )  # fmt: skip
    if options.json:
        print_json(silence)
    else:
        print_silences([silence], output())
    return 0


def _expire(options: argparse.Namespace) -> int:
    from coldtrail.cli.screen import output, print_json
    from coldtrail.reports.live_tables import print_silences
    from coldtrail.service.opening import opened
    from coldtrail.service.settings import load_live_settings
    from coldtrail.verbs.alerting import who
    from coldtrail.verbs.silencing import expire_silence

    with opened(load_live_settings(options.config)) as database:
        silence = expire_silence(database, options.id, by=who(options.by), now=time.time())
    if options.json:
        print_json(silence)
    else:
        print_silences([silence], output())
    return 0
