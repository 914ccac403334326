"""VPC flow logs, versions 2 to 10: who sent how much to whom over a network interface.

A line comes with the header of its file; without one (as from CloudWatch Logs) its fields are those of the
settings, or of version 2. Source: Amazon VPC user guide, "Flow log records".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address

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
_PRIVATE, _PUBLIC = "private", "public"


class VpcFlowParser:
    """Lines of flow logs; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        self._fields = settings.formats.vpc_flow or VERSION_2
        self._headers: dict[bytes, tuple[str, ...]] = {}
        self._places = _Places()
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
        is_known = payload.partition(b"\n")[0] in self._headers
        if len(payload) > _MOST_BYTES or not (is_known or self.matches(payload)):
            raise DocumentError("This is no line of a flow log, or the header of its file is missing.")
        problems = Problems()
        values = self._values(payload)
        status = values.get("log-status", "OK")
        if status in _LOST:
            lost = _LOST[status]
            if lost is not None:
                problems.append(f"{lost[0].upper()}{lost[1:]}")
            networks: tuple[Network, ...] = ()
        else:
            networks = (self._network(values),)
        return Observations(
            networks=networks,
            problems=problems,
            more_problems=problems.left_out,
            origin=document.origin,
            place=document.place,
        )

    straight = __call__
    """Traffic is no trace: there are no columns to fill."""

    def _values(self, payload: bytes) -> dict[str, str]:
        """The fields of the line that are not left open (`-`)."""
        head, newline, line = payload.partition(b"\n")
        fields = self._header(head) if newline and line.strip() else self._fields
        text = (line if newline and line.strip() else head).decode("utf-8", "replace")
        parts = text.replace(",", " ").split() if "," in text else text.split()
        if len(parts) != len(fields):
            raise DocumentError(
                f"This line of a flow log has {len(parts):,} fields; its header names {len(fields):,}."
            )
        return {field: part for field, part in zip(fields, parts, strict=True) if part != "-"}

    def _header(self, head: bytes) -> tuple[str, ...]:
        known = self._headers.get(head)
        if known is None:
            known = tuple(head.decode("ascii", "replace").replace(",", " ").split())[:_MOST_FIELDS]
            if len(self._headers) >= _MOST_FIELDS:
                self._headers.clear()
            self._headers[head] = known
        return known

    def _network(self, values: Mapping[str, str]) -> Network:
        start, end = _time(values.get("start")), _time(values.get("end"))
        start = end if start is None else start
        if start is None:
            raise DocumentError("This line of a flow log has no usable start or end.")
        outgoing, remote, port, own_port = self._ends(values)
        source = values.get("pkt-dst-aws-service" if outgoing else "pkt-src-aws-service")
        resource = values.get("resource-id", "")
        # By their places: so many names would take longer than all the rest.
        return Network(
            start,
            start if end is None or end < start else end,
            self._name(values.get("account-id")),
            self._name(values.get("region")),
            self._name(values.get("vpc-id")),
            self._name(values.get("interface-id")),
            outgoing,
            self._pseudonyms[remote] if remote else None,
            self._services[source] if source else self._places[remote] if remote else None,
            port,
            own_port,
            self._names[resource] if ":lambda:" in resource else None,
            _count(values.get("protocol")),
            _count(values.get("packets")),
            _count(values.get("bytes")),
            _ACTIONS.get(values.get("action", "")),
        )

    def _ends(self, values: Mapping[str, str]) -> tuple[bool | None, str | None, int | None, int | None]:
        """Whether the interface sent it, and the other end's address and port, and its own.

        Without `flow-direction` (version 5), the interface is taken to be at the end whose address is private
        where the other's is public, else at the end of the higher port, which called.
        """
        source = values.get("pkt-srcaddr") or values.get("srcaddr")
        target = values.get("pkt-dstaddr") or values.get("dstaddr")
        source_port, target_port = _count(values.get("srcport")), _count(values.get("dstport"))
        outgoing = _DIRECTIONS.get(values.get("flow-direction", ""))
        if outgoing is None and source and target:
            public = self._places[source] == _PUBLIC, self._places[target] == _PUBLIC
            if public[0] != public[1]:
                outgoing = public[1]
            elif source_port is not None and target_port is not None and source_port != target_port:
                outgoing = source_port > target_port
        if outgoing is False:
            return False, source, source_port, target_port
        return outgoing, target, target_port, source_port

    def _name(self, name: str | None) -> str | None:
        return self._names[name] if name else None


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


def _time(text: str | None) -> float | None:
    number = _count(text)
    return None if number is None else within(float(number))


def _count(text: str | None) -> int | None:
    return int(text) if text and len(text) <= 18 and text.isascii() and text.isdigit() else None
