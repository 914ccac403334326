"""Lines of text as documents: a record of several lines is one, and each line of a table has its header.

JSON goes through untouched. A line that Lambda itself wrote (`START`, `REPORT`, …) begins a record, and what
a function prints after it belongs to that record: where it is nothing but the function's own output, whoever
parses the record drops it. Where no such record is open, the time that an export puts before JSON is cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_JSON = (b"{", b"[")
_STAMP = rb"(?:\S{1,400}\s+){0,4}?"
"""What tools and services put before a line: times, names of streams, prefixes."""
_OF_LAMBDA = re.compile(
    _STAMP + rb"(?:(?:START|END|REPORT)\s+RequestI[dD]:|(?:INIT|RESTORE)_(?:START|REPORT)\s|"
    rb"EXTENSION\s+Name:|TELEMETRY\s+Name:|LOGS\s+Name:)"
)
_EXPORTED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z[ \t]+(?=[{\[])")
"""What exports of CloudWatch Logs put before each event."""
_LOOKED_AT = 600
_LINES_LOOKED_AT = 20
_HEADER = re.compile(rb"(?:[a-z][a-z0-9-]*[ \t,]){2,}[a-z][a-z0-9-]*\s*")
_OF_FLOWS = (b"srcaddr", b"interface-id", b"dstaddr")
"""Fields of which a flow log has one."""
_MOST_HELD = 1 << 16
"""Bytes of a record: what a function prints beyond them is passed over."""

Place = tuple[str, bytes]


def whole_records(lines: Iterable[Place]) -> Iterator[Place]:
    """The documents of a file's lines, in the order in which they begin but for JSON between them."""
    began, held, header = "", bytearray(), b""
    for place, line in lines:
        if line.startswith(_JSON):
            yield place, line
        elif _OF_LAMBDA.match(line, 0, _LOOKED_AT):
            if held:
                yield began, bytes(held)
            began, held = place, bytearray(line)
        elif held:
            if len(held) + len(line) < _MOST_HELD:
                held += b"\n" + line
        elif (stamp := _EXPORTED.match(line)) is not None:
            yield place, line[stamp.end() :]
        elif is_header(line):
            header = line.strip()
        else:
            yield place, header + b"\n" + line if header else line
    if held:
        yield began, bytes(held)


def is_log(head: bytes) -> bool:
    """Whether a text begins as the log of a function, or as a table of flows, does."""
    lines = head.split(b"\n", _LINES_LOOKED_AT)[:_LINES_LOOKED_AT]
    return is_header(lines[0]) or any(_OF_LAMBDA.match(line, 0, _LOOKED_AT) for line in lines)


def begins_record(line: bytes) -> bool:
    """Whether the line begins a record that later lines may belong to."""
    return not line.startswith(_JSON) and _OF_LAMBDA.match(line, 0, _LOOKED_AT) is not None


def last_header(text: bytes) -> str:
    """The last line that names the fields of those after it; empty where there is none."""
    if not any(field in text for field in _OF_FLOWS):
        return ""
    found = [line for line in text.split(b"\n") if is_header(line)]
    return found[-1].strip().decode() if found else ""


def is_header(line: bytes) -> bool:
    """Whether the line names the fields of the lines after it."""
    return any(field in line for field in _OF_FLOWS) and _HEADER.fullmatch(line) is not None
