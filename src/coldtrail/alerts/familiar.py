"""Whether a resource never met stands among those of its service that its function knows, or is of another
place.

A bucket or a host can be anybody's, so nothing but the same bucket or host is familiar there: a name that
begins as the application's own do is what an intruder would choose. Tables, queues and parameters are the
account's own, unless their name tells another account; there a name of the same family is a rarer branch.
"""

from __future__ import annotations

import re

from coldtrail.alerts.attack import is_of_services
from coldtrail.records.finding import FindingKey, Known, StepKey
from coldtrail.records.verdict import Reason
from coldtrail.verdicts.causes import NEW_KINDS

_ANYBODYS = ("storage", "web", "mail")
"""Services whose places may belong to anybody."""
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
"""Names are told without the function's own account, so what names one is of another."""
_WORD_ENDS = re.compile(r"[-_./:]|(?<=[A-Za-z])(?=\d)")
_LEAST_WORD = 3
"""Letters of a first word that says something."""


def is_familiar(reason: Reason, event_type: str) -> bool:
    """Whether a new resource is of a place, or of a family of names, that its function knows of its service.

    A secret that is named as the tables are is none of their family."""
    target, known, step = reason.target, reason.finding.expected, reason.finding.step
    if not target or not isinstance(known, Known) or step is None:
        return False
    steps = [one.name for one in known.things if isinstance(one.name, StepKey)]
    names = [one.target for one in steps if one.target and one.type == step.type]
    if any(place_of(name) == place_of(target) for name in names):
        return True
    word = _first_word(target)
    own = not may_be_anybodys(target, event_type) and len(word) >= _LEAST_WORD
    return own and any(_first_word(name) == word for name in names)


def family_of(cause: FindingKey) -> FindingKey:
    """A cause with the bucket or host that it is of, or the family of names, in place of the one thing."""
    if cause.kind not in NEW_KINDS or not cause.target:
        return cause
    anybodys = may_be_anybodys(cause.target, cause.type)
    return cause._replace(target=place_of(cause.target) if anybodys else _first_word(cause.target))


def may_be_anybodys(target: str | None, event_type: str) -> bool:
    """Whether a resource may belong to somebody outside the account."""
    return is_of_services(event_type, _ANYBODYS) or bool(target and _ACCOUNT.search(target))


def place_of(target: str) -> str:
    """The bucket or the host of a name, without what lies in it."""
    return target.partition("/")[0]


def _first_word(name: str) -> str:
    return _WORD_ENDS.split(name, maxsplit=1)[0].casefold()
