"""`coldtrail cases`."""

from __future__ import annotations

import argparse

from coldtrail.cli.options import add_json, add_page, subverb

_EXAMPLE = """\
examples:
  coldtrail cases list
  coldtrail cases show case-8aa6ed63"""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the verbs of cases."""
    parser.description = "The cases that the service keeps: alerts and weaker signs of one cause."
    parser.epilog = _EXAMPLE
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    listed = subverb(verbs, "list", "cases, the latest seen first", _list)
    add_page(listed)
    add_json(listed)
    shown = subverb(verbs, "show", "one case: its story, and what it joins", _show)
    shown.add_argument("id", metavar="ID", help="of the case, or what it begins with")
    add_json(shown)


def _list(options: argparse.Namespace) -> int:
    from coldtrail.cli.screen import output, print_json
    from coldtrail.reports.live_tables import print_live_cases
    from coldtrail.service.opening import opened
    from coldtrail.service.settings import load_live_settings
    from coldtrail.verbs.alerting import list_cases

    with opened(load_live_settings(options.config)) as database:
        page = list_cases(database, options.limit, options.after)
    if options.json:
        print_json(page)
        return 0
    screen = output()
    print_live_cases(page.cases, screen)
    if page.next:
        screen.print(f"More follow: --after {page.next}")
    return 0


def _show(options: argparse.Namespace) -> int:
    from coldtrail.cli.screen import output, print_json
    from coldtrail.reports.case_table import print_cases
    from coldtrail.service.opening import opened
    from coldtrail.service.settings import load_live_settings
    from coldtrail.verbs.alerting import find_case

    with opened(load_live_settings(options.config)) as database:
        case = find_case(database, options.id)
    if options.json:
        print_json(case)
    else:
        print_cases([case], output())
    return 0
