"""Names without what is secret by its form: keys, tokens, cards, addresses of people, statements.

A name is shown, kept and learned, so whatever somebody put into it would be too. What has no form of its own
(a password, the key of an item) cannot be told from a name there.
"""

from __future__ import annotations

import re

HIDDEN = "*"
_SECRET = re.compile(
    r"""
      (?<![0-9A-Z]) (?:AKIA|ASIA) [0-9A-Z]{12,128}  # access keys of AWS
    | (?<![0-9a-z]) eyJ [\w-]{10,2000} \. [\w-]{4,2000} (?: \. [\w-]* )?  # JSON web tokens
    | (?<![0-9a-z]) (?: gh[opusr] | github_pat | [rsp]k_live | [rsp]k_test | xox[abeoprs] | glpat )
        [_-] [\w-]{10,}  # tokens of services
    | (?<![0-9a-z]) (?: bearer | basic ) \s+ [\w.~+/=-]{6,}
    | (?<= :// ) [^\s/@]{1,500} @  # user and password of an address
    | (?<= :// ) [^\s/?\#@:\[\]]{0,200} : (?! \d{0,5} [/?\#] ) [^\s@]{1,500} @  # the same, with a / in them
    | (?<= \? ) [\w.-]{1,100} = \S*  # its query
    | (?<![0-9a-z]) (?: password | passwd | pwd | secret | token | api[_-]?key | access[_-]?key | accountkey
        | signature | authorization ) \s{0,9} = \s{0,9} [^\s&;,]+
    | (?<!\d) [3-6] \d{3} (?: [ -] \d{4} ){3} (?!\d) | (?<!\d) 3 \d{3} [ -] \d{6} [ -] \d{5} (?!\d)  # cards
    | (?<![\w-]) (?: select \s .{1,500}? \s from | insert \s{1,9} into | update \s .{1,200}? \s set
        | delete \s{1,9} from ) \s .*
    | (?P<mail> (?<![\w.+-]) [\w.+-]{1,64} @ (?: [\w-]{1,63} \. ){1,9} [\w-]{2,63} (?![\w.-]) )
    | (?P<uuid> (?<![0-9a-z]) [0-9a-f]{8} (?: - [0-9a-f]{4} ){3} - [0-9a-f]{12} (?![0-9a-z]) )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
"""A UUID is found so that nothing is found within it: groups of digits in one are no card."""
_SIGNS = (
    *(" ", "\t", "\n", "\r", "\v", "\f", "@", "=", "akia", "asia", "eyj", "k_live", "k_test", "github_pat"),
    *("gho", "ghp", "ghu", "ghs", "ghr", "xox", "glpat", "k-live", "k-test"),
)
_CARD = re.compile(r"\d{4}-\d{4,6}-")
"""This or one of the signs stands in all that is secret by its form."""
_OF_DATABASE = re.compile(
    r"""[\w.+-]+ @ (?: [\w-]+ [.] (?: internal | local | lan | home | corp | svc | example | \d+ )
    | (?: [\w-]+ [.] ){2,} [\w-]+ ) (?: : \d+ )?""",
    re.VERBOSE | re.IGNORECASE,
)
"""`orders@db.shop.example`: a database of a server, as it is called here, and no address of a person."""


def without_secrets(name: str) -> str:
    """The name with `*` for each part that is secret by its form."""
    low = name.lower()
    # Hardly any name has one of these signs: most are spared the search.
    if not any(sign in low for sign in _SIGNS) and _CARD.search(name) is None:
        return name
    return _SECRET.sub(_hidden, name)


def _hidden(found: re.Match[str]) -> str:
    is_database = found["mail"] is not None and _OF_DATABASE.fullmatch(found.string) is not None
    return found[0] if is_database or found["uuid"] is not None else HIDDEN
