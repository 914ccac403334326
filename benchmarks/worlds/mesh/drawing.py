"""Draws a mesh from a seed.

Families and their parameters are choices of this benchmark; calls of about 3 and of about 200 ms are in each.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import exp, log
from random import Random

from msgspec.structs import replace

from benchmarks.worlds import names
from benchmarks.worlds.grammars import (
    FIRST_LETTER,
    Call,
    Either,
    Kind,
    Loop,
    Maybe,
    Node,
    Row,
    Together,
    kinds_in,
)
from benchmarks.worlds.latencies import Cached, HeavyTailed, Latency
from benchmarks.worlds.mesh.application import FLOWS_A_MINUTE, GRPC, HTTP, OWN, STORES, Endpoint, Mesh
from benchmarks.worlds.mesh.serving import Serving, flows_in
from benchmarks.worlds.names import Name

FEWEST, MOST = 10, 40
"""Services."""
LAYERS = 4
"""A service calls services of deeper layers only; people call those of the first."""
FAST_S, SLOW_S = (0.0022, 0.004), (0.15, 0.25)
"""Between which the medians of calls of `3 ms` and of `200 ms` lie."""
TAIL = 2.5
"""The exponent of the tail of slow calls to others, and the largest of calls to stores."""
SIZING = 1_000
"""Traces of which the flows are counted, to know how many traces there are to be a minute."""
BURSTS_A_MINUTE = 6
"""At least: smaller ones where there are few traces."""
CALLS_OUT = ((2, 3, 4), (0, 1, 2), (0, 1), (0,))
"""How many services an endpoint of each layer calls."""


class MeshDrawing:
    """One mesh on its way."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = Random(f"mesh {seed}")
        self._letters = FIRST_LETTER
        self._layers: list[list[str]] = [[] for _ in range(LAYERS)]
        self._routes: dict[str, list[str]] = {}
        self._wire = self.random.choice((HTTP, HTTP, GRPC))
        self._endpoints: dict[str, Endpoint] = {}

    def mesh(self) -> Mesh:
        """The mesh of the seed."""
        random = self.random
        self._name_services(random.randint(FEWEST, MOST))
        self._draw_endpoints()
        entries = [f"{service} {route}" for service in self._layers[0] for route in self._routes[service]]
        mesh = Mesh(
            seed=self.seed,
            name=f"{random.choice(names.WORDS)}-{self.seed}",
            endpoints=self._endpoints,
            entries={name: random.paretovariate(1.2) for name in entries},
            traces_a_minute=1.0,
            burst_share=random.uniform(0.1, 0.6),
            burst_traces=random.uniform(4.0, 40.0),
            pace_sigma=random.uniform(0.03, 0.15),
            sampled=random.choice((1.0, random.uniform(0.02, 0.5))),
            lost=random.choice((*(0.0,) * 9, random.uniform(0.0005, 0.002))),
            batched=random.random() < 0.3,
        )
        serving = Serving(mesh, "size")
        traces = [serving.trace(0.0, number) for number in range(SIZING)]
        a_minute = FLOWS_A_MINUTE * len(traces) / sum(map(flows_in, traces))
        most = max(a_minute * mesh.burst_share / BURSTS_A_MINUTE, 2.0)
        return replace(mesh, traces_a_minute=a_minute, burst_traces=min(mesh.burst_traces, most))

    def _name_services(self, number: int) -> None:
        random = self.random
        told = dict.fromkeys(names.word(random) for _ in range(8 * number))
        for at, name in enumerate(list(told)[:number]):
            layer = 0 if at == 0 or random.random() < 0.03 else 1 + at % (LAYERS - 1)
            self._layers[layer].append(name)
            routes = [self._route(name) for _ in range(random.choice((1, 1, 2, 2, 3, 4)))]
            self._routes[name] = list(dict.fromkeys(routes))

    def _route(self, service: str) -> str:
        random = self.random
        word = random.choice(names.WORDS)
        if self._wire == GRPC:
            verb = random.choice(("Get", "List", "Add", "Check"))
            return f"{service.replace('-', '.')}.v1/{verb}{word.title()}"
        return f"{random.choice(('GET', 'GET', 'POST', 'PUT'))} /{word}"

    def _draw_endpoints(self) -> None:
        """All endpoints that are called; of each service at least one is."""
        for depth, services in enumerate(self._layers):
            for service in services:
                if depth and not any(f"{service} {one}" in self._called() for one in self._routes[service]):
                    self._call_somewhere(service)
            for service in services:
                for route in self._routes[service]:
                    if depth == 0 or f"{service} {route}" in self._called():
                        self._add(service, route, self._parts(depth))
        self._make_one_slow_in_steps()

    def _called(self) -> frozenset[str]:
        """The endpoints that those drawn so far call."""
        kinds = (kind for one in self._endpoints.values() for kind in kinds_in(one.grammar))
        return frozenset(kind.starts for kind in kinds if kind.starts)

    def _call_somewhere(self, service: str) -> None:
        above = self.random.choice(list(self._endpoints.values()))
        call = Call(self._to(service, self.random.choice(self._routes[service])))
        self._add(above.service, above.route, [*_parts_of(above), call])

    def _make_one_slow_in_steps(self) -> None:
        """Makes one endpoint that calls no other take about 200 ms, over four to seven calls."""
        random = self.random
        leaves = [one for one in self._endpoints.values() if not any(k.starts for k in kinds_in(one.grammar))]
        one = random.choice(leaves)
        number = random.randint(4, 7)
        median = random.uniform(*SLOW_S) / number
        steps = [Call(self._store(Latency(median, random.uniform(0.15, 0.4)))) for _ in range(number)]
        self._add(one.service, one.route, steps)

    def _add(self, service: str, route: str, parts: Iterable[Node]) -> None:
        random = self.random
        own = Latency(exp(random.uniform(log(0.0005), log(0.02))), random.uniform(0.15, 0.5))
        known = self._endpoints.get(f"{service} {route}")
        self._endpoints[f"{service} {route}"] = Endpoint(
            service,
            route,
            Row(tuple(parts)),
            own if known is None else known.own,
            random.choice((0.0, 0.0, random.uniform(0.0005, 0.005))),
            random.random() < 0.5,
        )

    def _parts(self, depth: int) -> list[Node]:
        random = self.random
        parts = [self._part() for _ in range(random.choice((0, 1, 1, 2, 3, 4) if depth else (0, 0, 1)))]
        deeper = [one for layer in self._layers[depth + 1 :] for one in layer]
        some = random.sample(deeper, min(random.choice(CALLS_OUT[depth]), len(deeper)))
        calls = [self._to(one, random.choice(self._routes[one])) for one in some]
        if len(calls) > 1 and random.random() < 0.25:
            parts.append(Together(tuple(calls)))
            return parts
        for kind in calls:
            node: Node = Call(kind) if random.random() < 0.7 else Maybe(Call(kind), random.uniform(0.1, 0.9))
            parts.insert(random.randint(0, len(parts)), node)
        return parts

    def _part(self) -> Node:
        """What an endpoint does by itself: mostly a call of a data store."""
        random = self.random
        form = random.random()
        if form < 0.5:
            return Call(self._store())
        if form < 0.65:
            return Maybe(Call(self._store()), random.choice((random.uniform(0.001, 0.02), random.random())))
        if form < 0.75:
            least = random.randint(1, 3)
            return Loop(Call(self._store()), least, least + random.choice((0, 1, 3, 8)))
        if form < 0.83:
            lanes = tuple(Call(self._store()) for _ in range(2))
            return Either(lanes, tuple(random.random() ** 2 + 0.01 for _ in lanes))
        if form < 0.93:
            return Call(self._kind(OWN, f"{random.choice(names.WORDS)}.render", "", self._fast()))
        host = names.of_host(random).text
        slow = HeavyTailed(
            random.uniform(*SLOW_S), random.uniform(0.15, 0.4), random.uniform(0.0, 0.005), TAIL
        )
        return Call(self._kind(HTTP, random.choice(("GET", "POST")), host, slow))

    def _store(self, latency: Latency | None = None) -> Kind:
        random = self.random
        store = random.choice(list(STORES))
        return self._kind(
            store, random.choice(STORES[store]), random.choice(names.WORDS), latency or self._of_store()
        )

    def _of_store(self) -> Latency:
        random = self.random
        form = random.random()
        if form < 0.55:
            return self._fast()
        median, sigma = exp(random.uniform(log(0.001), log(0.05))), random.uniform(0.15, 0.5)
        if form < 0.7:
            return Cached(median, sigma, random.uniform(0.6, 0.95), random.uniform(3.0, 10.0))
        if form < 0.9:
            return HeavyTailed(median, sigma, random.uniform(0.0005, 0.005), random.uniform(1.5, TAIL))
        return Latency(median, sigma)

    def _fast(self) -> Latency:
        return Latency(self.random.uniform(*FAST_S), self.random.uniform(0.15, 0.4))

    def _to(self, service: str, route: str) -> Kind:
        """The call of an endpoint; its latency is that of the way there and back."""
        verb = route.partition(" ")[0] if self._wire == HTTP else route
        way = Latency(exp(self.random.uniform(log(0.0002), log(0.0015))), self.random.uniform(0.2, 0.5))
        return replace(self._kind(self._wire, verb, service, way), starts=f"{service} {route}")

    def _kind(self, service: str, action: str, target: str, latency: Latency) -> Kind:
        failing = self.random.choice((0.0, 0.0, 0.0, self.random.uniform(0.0002, 0.003)))
        self._letters += 1
        return Kind(chr(self._letters), service, action, Name(target), latency, failing)


def _parts_of(endpoint: Endpoint) -> tuple[Node, ...]:
    return endpoint.grammar.parts if isinstance(endpoint.grammar, Row) else (endpoint.grammar,)
