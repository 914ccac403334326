"""A mesh: services with their endpoints, what these call, and how people come."""

from __future__ import annotations

from msgspec import Struct

from benchmarks.worlds.grammars import Node
from benchmarks.worlds.latencies import Latency

FLOWS_A_MINUTE = 5_000
"""Recorded runs of services, about."""
HTTP, GRPC, OWN = "http", "grpc", "own"
"""What a kind of call is, where it is none of a data store: a request, or a span of own code."""
STORES = {
    "postgresql": ("SELECT", "INSERT", "UPDATE"),
    "mysql": ("SELECT", "INSERT", "UPDATE"),
    "mongodb": ("find", "insert", "update", "aggregate"),
    "redis": ("GET", "SET", "HGET", "DEL"),
}
"""Data stores by the words of OpenTelemetry's `db.system`, with what is done in them."""


class Endpoint(Struct, frozen=True):
    """One thing that a service answers."""

    service: str
    route: str
    """`POST /orders` or, of gRPC, `shop.Orders/Add`."""
    grammar: Node
    """Calls that start something name the endpoint that answers."""
    own: Latency
    """Seconds of its own code in all."""
    failing: float = 0.0
    """The chance that a run fails by itself."""
    careful: bool = False
    """Whether a run goes on when a call has failed; else it fails as well."""


class Mesh(Struct, frozen=True):
    """An application of services, and the telemetry that is kept of it."""

    seed: int
    name: str
    endpoints: dict[str, Endpoint]
    """By `service route`."""
    entries: dict[str, float]
    """How often people ask for an endpoint beside the others."""
    traces_a_minute: float
    burst_share: float
    """Of all traces, those that come in bursts."""
    burst_traces: float
    """The mean size of a burst."""
    pace_sigma: float
    """How much slower or faster one trace is as a whole (of the logarithm)."""
    sampled: float = 1.0
    """The share of traces that is recorded; all counts above are of recorded ones."""
    lost: float = 0.0
    """The share of calls without a record."""
    batched: bool = False
    """Whether spans are kept as services send them, each its own; else the collector keeps whole traces."""

    @property
    def services(self) -> list[str]:
        """Their names, each once."""
        return list(dict.fromkeys(one.service for one in self.endpoints.values()))
