"""VPC flow logs, versions 2 to 10: who sent how much to whom over a network interface.

A line comes with the header of its file; without one (as from CloudWatch Logs) its fields are those of the
settings, or of version 2. Source: Amazon VPC user guide, "Flow log records".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from operator import itemgetter
from typing import NamedTuple

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.features.names.masking import RawNames
from coldtrail.formats.moments import within
from coldtrail.formats.problems import Problems
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.formats.services import Services
from coldtrail.records.telemetry import Document, Observations
from coldtrail.records.witnesses import Network

VERSION_2 = (
    "version",
    "account-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "log-status",
)
_HEADER = re.compile(rb"[a-z][a-z0-9-]*(?:[ \t,]+[a-z][a-z0-9-]*){2,63}\s*\n")
_PLAIN = re.compile(rb"\d{1,2} (?:\d{12}|unknown|-) eni-[0-9a-f]{1,40} (?:\S{1,64} ){10}\S{1,64}\s*$")
_NAMES_OF_FIELDS = (b"srcaddr", b"interface-id", b"dstaddr")
_MOST_BYTES = 1 << 14
_MOST_FIELDS = 64
_ACTIONS = {"ACCEPT": True, "REJECT": False}
_DIRECTIONS = {"egress": True, "ingress": False}
_LOST = {"NODATA": None, "SKIPDATA": "records of a flow log were skipped: its capacity was exceeded."}
_MAX_CACHED = 50_000
_MAX_CACHED_CHARS = 64
_PRIVATE, _PUBLIC = "private", "public"


_OPEN = "-"
"""Stands in a field for nothing."""


class _Line(NamedTuple):
    """The fields of a line that are looked at."""

    account: str
    interface: str
    source: str
    target: str
    source_port: str
    target_port: str
    protocol: str
    packets: str
    bytes: str
    start: str
    end: str
    action: str
    status: str
    region: str
    vpc: str
    packet_source: str
    packet_target: str
    source_service: str
    target_service: str
    direction: str
    resource: str


_LOOKED_AT = _Line(
    *VERSION_2[1:],
    "region",
    "vpc-id",
    "pkt-srcaddr",
    "pkt-dstaddr",
    "pkt-src-aws-service",
    "pkt-dst-aws-service",
    "flow-direction",
    "resource-id",
)
"""What flow logs call these fields."""


class _Layout(NamedTuple):
    """How many fields the lines below a header have, and what takes those that are looked at."""

    fields: int
    taken: Callable[[Sequence[str]], Sequence[str]]


def _layout(fields: Sequence[str]) -> _Layout:
    """The layout of lines with these fields; of those that it lacks, what stands behind the last is taken."""
    places = {field: place for place, field in enumerate(fields)}
    return _Layout(len(fields), itemgetter(*[places.get(field, len(fields)) for field in _LOOKED_AT]))


class VpcFlowParser:
    """Lines of flow logs; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        self._fields = settings.formats.vpc_flow or VERSION_2
        self._usual = _layout(self._fields)
        self._layouts: dict[bytes, _Layout] = {}
        """By the header of a file."""
        self._places, self._counts = _Places(), _Counts()
        self._names = RawNames(settings.limits.max_name_chars)
        self._services = Services()
        self._pseudonyms = pseudonyms

    def matches(self, payload: bytes) -> bool:
        """Whether the payload looks like a line of a flow log."""
        if _HEADER.match(payload) is not None:
            header = payload.partition(b"\n")[0]
            return any(name in header for name in _NAMES_OF_FIELDS)
        if self._fields is not VERSION_2 and payload[:1] not in (b"{", b"["):
            parts = payload.split()
            return len(parts) == len(self._fields) and any(part.startswith(b"eni-") for part in parts)
        return _PLAIN.match(payload) is not None

    @staticmethod
    def trace_of(payload: bytes) -> bytes | None:
        """Flow logs know no traces."""
        return None

    def __call__(self, document: Document) -> Observations:
        """The traffic that the line tells of."""
        payload = document.payload
        head, _, text = payload.partition(b"\n")
        if len(payload) > _MOST_BYTES or not (head in self._layouts or self.matches(payload)):
            raise DocumentError("This is no line of a flow log, or the header of its file is missing.")
        line = self._line(head, text)
        problems = Problems()
        networks: tuple[Network, ...] = ()
        if line.status not in _LOST:
            networks = (self._network(line),)
        elif (lost := _LOST[line.status]) is not None:
            problems.append(f"{lost[0].upper()}{lost[1:]}")
        return Observations(
            networks=networks,
            problems=problems,
            more_problems=problems.left_out,
            origin=document.origin,
            place=document.place,
        )

    straight = __call__
    """Traffic is no trace: there are no columns to fill."""

    def _line(self, head: bytes, text: bytes) -> _Line:
        """The fields of a line below its header, or of one alone."""
        layout = self._usual
        if text and not text.isspace():
            layout, head = self._below(head), text
        told = head.decode("utf-8", "replace")
        parts = told.replace(",", " ").split() if "," in told else told.split()
        if len(parts) != layout.fields:
            raise DocumentError(
                f"This line of a flow log has {len(parts):,} fields; its header names {layout.fields:,}."
            )
        parts.append(_OPEN)
        return _Line._make(layout.taken(parts))

    def _below(self, head: bytes) -> _Layout:
        """The layout of the lines below a header."""
        known = self._layouts.get(head)
        if known is None:
            known = _layout(head.decode("ascii", "replace").replace(",", " ").split()[:_MOST_FIELDS])
            if len(self._layouts) >= _MOST_FIELDS:
                self._layouts.clear()
            self._layouts[head] = known
        return known

    def _network(self, line: _Line) -> Network:
        counts = self._counts
        begun, ended = counts[line.start], counts[line.end]
        end = None if ended is None else within(float(ended))
        start = end if begun is None else within(float(begun)) or end
        if start is None:
            raise DocumentError("This line of a flow log has no usable start or end.")
        outgoing, remote, port, own_port = self._ends(line)
        service = line.target_service if outgoing else line.source_service
        place = self._places[remote] if remote else None
        # By their places: so many names would take longer than all the rest.
        return Network(
            start,
            start if end is None or end < start else end,
            self._name(line.account),
            self._name(line.region),
            self._name(line.vpc),
            self._name(line.interface),
            outgoing,
            self._pseudonyms[remote] if remote else None,
            place if service == _OPEN else self._services[service],
            counts[port],
            counts[own_port],
            self._names[line.resource] if ":lambda:" in line.resource else None,
            counts[line.protocol],
            counts[line.packets],
            counts[line.bytes],
            _ACTIONS.get(line.action),
        )

    def _ends(self, line: _Line) -> tuple[bool | None, str | None, str, str]:
        """Whether the interface sent it, and the other end's address and port, and its own.

        Without `flow-direction` (version 5), the interface is taken to be at the end whose address is private
        where the other's is public, else at the end of the higher port, which called.
        """
        source = _told(line.packet_source) or _told(line.source)
        target = _told(line.packet_target) or _told(line.target)
        outgoing = _DIRECTIONS.get(line.direction)
        if outgoing is None and source and target:
            outgoing = self._guessed(source, target, line)
        if outgoing is False:
            return False, source, line.source_port, line.target_port
        return outgoing, target, line.target_port, line.source_port

    def _guessed(self, source: str, target: str, line: _Line) -> bool | None:
        public = self._places[source] == _PUBLIC, self._places[target] == _PUBLIC
        if public[0] != public[1]:
            return public[1]
        source_port, target_port = self._counts[line.source_port], self._counts[line.target_port]
        if source_port is None or target_port is None or source_port == target_port:
            return None
        return source_port > target_port

    def _name(self, name: str) -> str | None:
        return None if name == _OPEN else self._names[name]


class _Places(dict[str, str]):
    """Whether addresses are private or public, each worked out once."""

    def __missing__(self, address: str) -> str:
        try:
            place = _PUBLIC if ip_address(address).is_global else _PRIVATE
        except ValueError:
            place = "unknown"
        if len(self) >= _MAX_CACHED:
            self.clear()
        self[address] = place
        return place


class _Counts(dict[str, int | None]):
    """Numbers as they are written, each read once; None for what is none."""

    def __missing__(self, text: str) -> int | None:
        count = int(text) if len(text) <= 18 and text.isascii() and text.isdigit() else None
        if len(self) >= _MAX_CACHED:
            self.clear()
        if len(text) <= _MAX_CACHED_CHARS:
            self[text] = count
        return count


def _told(text: str) -> str | None:
    """The text of a field, where it is not left open."""
    return None if text == _OPEN else text
