"""The names of regions in documents, and when a trace began: all of a trace is in one region."""

import json
import re
from typing import Any, TypeVar

from coldtrail_testbed.facts import HOME_REGION

_REGION = re.compile(r"\b[a-z]{2}-[a-z]{4,9}-\d\b")
_T = TypeVar("_T")


def region_in(document: object) -> str:
    """The region that a document (JSON) names first, home where it names none."""
    found = _REGION.search(json.dumps(document))
    return found[0] if found else HOME_REGION


def began(trace_id: str) -> float:
    """The second in which a trace began, which its id says."""
    return float(int(trace_id.split("-")[1], 16))


def moved(document: _T, region: str) -> _T:
    """`document` (JSON) with the names of `region` instead of those at home."""
    if region == HOME_REGION:
        return document
    text: Any = json.loads(json.dumps(document).replace(HOME_REGION, region))
    return text  # type: ignore[no-any-return]
