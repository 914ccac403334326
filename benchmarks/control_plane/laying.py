"""Records of others laid over a recorded run: shifted in time, and turned to its account and functions.

No more is changed than that: names of functions and of their roles, the account that was attacked, the
region, times, and ids of records where several share one.
"""

from __future__ import annotations

import gzip
import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

from benchmarks.control_plane.techniques import Record, Technique, decisive, moment, touches

FILE = "third-party.json"
_FOLDER = "cloudtrail"
_IDS = uuid.UUID("6f0b5f0a-7f0e-4b7e-9f0e-0d5a4a1b2c3d")


class Place(Struct, frozen=True):
    """Where the testbed's functions live."""

    account: str
    region: str
    roles: Mapping[str, str]
    """Of each function, by its name."""


class Laid(Struct, frozen=True):
    """A technique where it was laid."""

    technique: Technique
    functions: tuple[str, ...]
    """Those of the testbed that stand for the ones it attacks."""
    decisive_at: float
    event_ids: frozenset[str]
    decisive_ids: frozenset[str]
    """Of the records that change a function or its role."""


def place_of(run: Path) -> Place:
    """The account of a recorded run, and its functions by what the platform assumes roles for."""
    roles: dict[str, str] = {}
    account = region = ""
    for record in _records(run):
        account, region = account or record["recipientAccountId"], region or record["awsRegion"]
        if record["eventName"] == "AssumeRole" and record["userIdentity"].get("type") == "AWSService":
            asked = record["requestParameters"]
            roles.setdefault(asked["roleSessionName"], asked["roleArn"].rpartition("/")[2])
    return Place(account, region, dict(sorted(roles.items())))


def laid_over(
    run: Path, techniques: Sequence[Technique], place: Place | None, begin: float, end: float
) -> list[Laid]:
    """Writes all of them into a run, one after the other over its time; without a place, names stay."""
    step = (end - begin) / len(techniques)
    shared = _shared_ids(techniques)
    names = list(place.roles) if place is not None else []
    laid, written = list[Laid](), list[Record]()
    following = 0
    for number, one in enumerate(techniques):
        wanted = max(len(one.functions), len(one.roles), len(one.services))
        mine = tuple(names[(following + n) % len(names)] for n in range(wanted)) if names else one.functions
        following += wanted
        shift = begin + (number + 0.5) * step - moment(one.records[0])
        turned = [_turned(record, one, mine, place, shift) for record in one.records]
        turned = [
            {**record, "eventID": str(uuid.uuid5(_IDS, f"{one.name} {at}"))}
            if record["eventID"] in shared
            else record
            for at, record in enumerate(turned)
        ]
        written += turned
        pairs = list(zip(one.records, turned, strict=True))
        laid.append(
            Laid(
                one,
                mine if one.on_functions else (),
                moment(decisive(one)) + shift,
                frozenset(record["eventID"] for record in turned),
                frozenset(after["eventID"] for before, after in pairs if touches(one, before)),
            )
        )
    (run / _FOLDER / FILE).write_text(json.dumps({"Records": written}))
    return laid


def _turned(
    record: Record, one: Technique, functions: Sequence[str], place: Place | None, shift: float
) -> Record:
    """A record, as if it were of that place and time."""
    turned: dict[str, Any] = json.loads(
        _placed(record, one, functions, place) if place else json.dumps(record)
    )
    blank = " " in record["eventTime"]
    at = datetime.fromtimestamp(moment(record) + shift, UTC)
    turned["eventTime"] = at.strftime("%Y-%m-%d %H:%M:%S" if blank else "%Y-%m-%dT%H:%M:%SZ")
    return turned


def _placed(record: Record, one: Technique, functions: Sequence[str], place: Place) -> str:
    text = json.dumps(record)
    roles = (*one.roles, *one.services)
    for old, new in zip(one.functions, functions, strict=False):
        text = _renamed(text, old, new)
    for old, function in zip(roles, functions, strict=False):
        text = _renamed(text, old, place.roles[function])
    account, region = record.get("recipientAccountId"), record.get("awsRegion")
    text = _renamed(text, account, place.account) if account else text
    return _renamed(text, region, place.region) if region else text


def _renamed(text: str, old: str, new: str) -> str:
    """A name where it stands as a whole."""
    return re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-])", lambda _: new, text)


def _shared_ids(techniques: Sequence[Technique]) -> set[str]:
    """Ids that records of several attacks bear."""
    seen: dict[str, int] = {}
    for one in techniques:
        for record in one.records:
            seen[record["eventID"]] = seen.get(record["eventID"], 0) + 1
    return {name for name, times in seen.items() if times > 1}


def _records(run: Path) -> Iterator[Any]:
    for path in sorted((run / _FOLDER).rglob("*.json.gz")):
        yield from json.loads(gzip.decompress(path.read_bytes())).get("Records", ())
