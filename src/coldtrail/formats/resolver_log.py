"""Query logs of the Route 53 resolver: the names that functions in a network of one's own asked for.

Source: Amazon Route 53 developer guide, "Values that appear in VPC Resolver query logs".
"""

from __future__ import annotations

import re

from msgspec import Struct

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.features.names.masking import RawNames
from coldtrail.formats.json_reading import JsonReader
from coldtrail.formats.moments import moment_of
from coldtrail.formats.problems import Problems
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, Observations
from coldtrail.records.witnesses import Network

_MOST_ANSWERS = 32
_TYPES = frozenset(("A", "AAAA"))
_BLOCKING = frozenset(("BLOCK",))
_CODE = re.compile(r"[A-Z0-9_]{1,12}")
_DNS_PORT = 53


class _Answer(Struct, gc=False):
    Rdata: str | None = None
    Type: str | None = None


class _Sources(Struct, gc=False):
    instance: str | None = None
    resolver_endpoint: str | None = None
    resolver_network_interface: str | None = None


class _Query(Struct, gc=False):
    version: str | float | None = None
    account_id: str | None = None
    region: str | None = None
    vpc_id: str | None = None
    query_timestamp: str | None = None
    query_name: str | None = None
    query_type: str | None = None
    rcode: str | None = None
    answers: list[_Answer] | None = None
    srcaddr: str | None = None
    transport: str | None = None
    srcids: _Sources | None = None
    firewall_rule_action: str | None = None


class ResolverLogParser:
    """Queries of names; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        self._read = JsonReader(_Query, "query of a resolver")
        self._names = RawNames(settings.limits.max_name_chars)
        self._pseudonyms = pseudonyms

    @staticmethod
    def matches(payload: bytes) -> bool:
        """Whether the payload looks like a query of the resolver's log."""
        return b'"query_name"' in payload and b'"query_timestamp"' in payload

    @staticmethod
    def trace_of(payload: bytes) -> bytes | None:
        """Queries know no traces."""
        return None

    def __call__(self, document: Document) -> Observations:
        """The one query of the line."""
        problems = Problems()
        try:
            query = self._read(document.payload, problems)
        except RecursionError:
            raise DocumentError("This query of a resolver is nested too deep.") from None
        time = moment_of(query.query_timestamp or "")
        if time is None:
            raise DocumentError("This query of a resolver has no usable query_timestamp.")
        if not query.query_name:
            raise DocumentError("This query of a resolver has no query_name.")
        return Observations(
            networks=(self._network(query, query.query_name, time),),
            problems=problems,
            more_problems=problems.left_out,
            origin=document.origin,
            place=document.place,
        )

    straight = __call__
    """Queries are no traces: there are no columns to fill."""

    def _network(self, query: _Query, name: str, time: float) -> Network:
        sources = query.srcids or _Sources()
        action = query.firewall_rule_action
        return Network(
            time,
            time,
            account=self._name(query.account_id),
            region=self._name(query.region),
            vpc=self._name(query.vpc_id),
            interface=self._name(sources.resolver_network_interface or sources.instance),
            outgoing=True,
            port=_DNS_PORT,
            domain=self._names[(name.rstrip(".") or name).casefold()],
            answers=self._answers(query.answers or []),
            response_code=query.rcode if query.rcode and _CODE.fullmatch(query.rcode) else None,
            blocked=None if action is None else action.upper() in _BLOCKING,
        )

    def _answers(self, answers: list[_Answer]) -> tuple[str, ...]:
        """Pseudonyms of addresses, by which traffic to them is found; other answers are left out."""
        addresses = [one.Rdata for one in answers if one.Rdata and one.Type in _TYPES]
        return tuple(self._pseudonyms[address] for address in addresses[:_MOST_ANSWERS])

    def _name(self, name: str | None) -> str | None:
        return self._names[name] if name else None
