"""What others recorded of attacks: records of CloudTrail, by the attack that they are of, and what of
functions each of them touches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct

FOLDERS = ("cloudtrail-stratus", "cloudtrail-lambda")
_DATED = re.compile(r"(.+?)20\d{6}(?:v\d)?")
_READS = ("Get", "List", "Describe")
Record = Mapping[str, Any]


class Technique(Struct, frozen=True):
    """One attack, or what is none."""

    name: str
    records: tuple[Record, ...]
    """In the order of time."""
    functions: tuple[str, ...]
    """That it changes, by their names."""
    roles: tuple[str, ...]
    """That it changes, and did not create."""
    services: tuple[str, ...]
    """Roles that it shows the cloud itself to assume."""

    @property
    def is_benign(self) -> bool:
        """Whether all of it is the cloud's own doing."""
        return all(_identity(one).get("type") == "AWSService" for one in self.records)

    @property
    def on_functions(self) -> bool:
        """Whether it attacks a function, or a role that a function may have."""
        return bool(self.functions or self.roles) and not self.is_benign


def techniques(folder: Path) -> list[Technique]:
    """Those below a folder: of each line, or of all files of one name up to the first `_`."""
    found: list[Technique] = []
    for one in FOLDERS:
        whole: dict[str, list[Record]] = {}
        for path in sorted((folder / one).glob("*.json*")):
            if path.suffix == ".jsonl":
                lines = path.read_text(encoding="utf-8").splitlines()
                source = path.stem.partition("_")[0]
                found += _of_lines(source, [json.loads(line) for line in lines if line.strip()])
            else:
                whole.setdefault(path.stem.partition("_")[0], []).extend(_of_file(path))
        found += [technique(name, records) for name, records in whole.items() if records]
    return found


def technique(name: str, records: Iterable[Record]) -> Technique:
    """What records of one attack touch."""
    ordered = tuple(sorted(records, key=moment))
    made = {_asked(one).get("roleName") for one in ordered if operation(one) == "CreateRole"}
    functions = [_bare(_asked(one).get("functionName")) for one in ordered if _is_change(one, "lambda")]
    roles = [_asked(one).get("roleName") for one in ordered if _is_change(one, "iam")]
    assumed = [_role_of_arn(one) for one in ordered if operation(one) == "AssumeRole"]
    by_cloud = _identity(ordered[0]).get("type") == "AWSService"
    return Technique(
        name,
        ordered,
        _distinct(functions),
        _distinct(role for role in roles if role not in made),
        _distinct(assumed if by_cloud else ()),
    )


def decisive(one: Technique) -> Record:
    """The first record by which it changes a function or its role; else its first."""
    return next((record for record in one.records if touches(one, record)), one.records[0])


def touches(one: Technique, record: Record) -> bool:
    """Whether a record changes a function or a role that a function may have."""
    if _is_change(record, "lambda"):
        return _bare(_asked(record).get("functionName")) in one.functions
    return _is_change(record, "iam") and _asked(record).get("roleName") in one.roles


def moment(record: Record) -> float:
    """When it was, in UTC epoch seconds."""
    told = datetime.fromisoformat(str(record["eventTime"]))
    return (told if told.tzinfo is not None else told.replace(tzinfo=UTC)).timestamp()


def operation(record: Record) -> str:
    """Its name without the date of the API."""
    name = str(record["eventName"])
    dated = _DATED.fullmatch(name)
    return name if dated is None else dated[1]


def _of_lines(source: str, records: Iterable[Record]) -> Iterator[Technique]:
    """Each line by itself, numbered by what it calls."""
    times: dict[str, int] = {}
    for one in records:
        called = operation(one)
        times[called] = times.get(called, 0) + 1
        yield technique(f"{source} {called} {times[called]}", [one])


def _of_file(path: Path) -> list[Record]:
    told = json.loads(path.read_text(encoding="utf-8"))
    return list(told.get("Records", [told]) if isinstance(told, dict) else told)


def _is_change(record: Record, service: str) -> bool:
    source = str(record["eventSource"]).removesuffix(".amazonaws.com")
    return source == service and not operation(record).startswith(_READS)


def _asked(record: Record) -> Mapping[str, Any]:
    return record.get("requestParameters") or {}


def _identity(record: Record) -> Mapping[str, Any]:
    return record.get("userIdentity") or {}


def _bare(name: str | None) -> str | None:
    """The name of a function, where it is named by its ARN as well."""
    parts = (name or "").split(":")
    return parts[parts.index("function") + 1] if "function" in parts[:-1] else name


def _role_of_arn(record: Record) -> str | None:
    arn = str(_asked(record).get("roleArn") or "")
    return arn.rpartition("/")[2] or None


def _distinct(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
