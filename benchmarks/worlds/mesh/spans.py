"""Traces of a mesh as OTLP in JSON, as collectors write it: requests to export spans, one a line.

Names of attributes: OpenTelemetry semantic conventions for HTTP, RPC and databases, stable and before
(https://opentelemetry.io/docs/specs/semconv/). What share of traces was sampled stands in each span's
`traceState`, as the threshold `ot=th:...` (https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from random import Random

import msgspec
from msgspec import Struct

from benchmarks.worlds.grammars import Kind
from benchmarks.worlds.mesh.application import GRPC, HTTP, OWN, Endpoint, Mesh
from benchmarks.worlds.mesh.faults import Fault
from benchmarks.worlds.mesh.serving import Served, Trace

INTERNAL, SERVER, CLIENT = 1, 2, 3
MOST_SPANS, MOST_S = 512, 5.0
"""Of one request of an SDK: `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` and `OTEL_BSP_SCHEDULE_DELAY`."""
_SQL = ("postgresql", "mysql")


class Written(Struct):
    """What was written, and what is true of it."""

    flows: int
    changed: dict[str, tuple[str, Fault]]
    """Of each run that a fault changed, by its id: its service, and the fault."""
    slowed: dict[str, Fault]
    """Of each call that a fault made slower, by the id of its event."""


def write(mesh: Mesh, name: str, traces: Iterable[Trace], path: Path) -> Written:
    """Writes the spans of traces, and tells what is true of their runs."""
    writer = _Writer(mesh, name)
    with path.open("wb") as file:
        for trace in traces:
            writer.add(trace)
            if not mesh.batched or writer.waits_long(trace.start):
                file.write(writer.request())
        file.write(writer.request())
    return Written(writer.flows, writer.changed, writer.slowed)


class _Writer:
    """Spans that wait to be written, by service."""

    def __init__(self, mesh: Mesh, name: str) -> None:
        self._mesh = mesh
        self._prefix = f"{Random(f'{mesh.seed} {name}').getrandbits(64):016x}"
        self._losing = Random(f"{mesh.seed} {name} lost")
        self._state = f'"traceState":"ot=th:{_threshold(mesh.sampled)}",' if mesh.sampled < 1.0 else ""
        self._known: dict[str, str] = {}
        """What is the same of all spans of an endpoint or a kind of call."""
        self._spans: dict[str, list[str]] = defaultdict(list)
        self._number = 0
        self._since = 0.0
        self.flows = 0
        self.changed: dict[str, tuple[str, Fault]] = {}
        self.slowed: dict[str, Fault] = {}

    def add(self, trace: Trace) -> None:
        """Adds the spans of a trace."""
        self._since = self._since or trace.start
        trace_id = f"{self._prefix}{trace.number:016x}"
        self._run(trace_id, trace.root, "")

    def waits_long(self, now: float) -> bool:
        """Whether it is time to write what waits."""
        return now - self._since > MOST_S or any(len(some) > MOST_SPANS for some in self._spans.values())

    def request(self) -> bytes:
        """All that waits, as lines: one request, or one of each service where these send for themselves."""
        groups = [self._group(service, spans) for service, spans in self._spans.items()]
        self._spans.clear()
        self._since = 0.0
        if not self._mesh.batched:
            groups = [",".join(groups)] if groups else []
        return "".join(f'{{"resourceSpans":[{group}]}}\n' for group in groups).encode()

    def _group(self, service: str, spans: list[str]) -> str:
        told = _attributes(
            {
                "service.name": service,
                "service.namespace": self._mesh.name,
                "telemetry.sdk.language": "java",
                "k8s.namespace.name": self._mesh.name,
            }
        )
        return (
            f'{{"resource":{{"attributes":{told}}},"scopeSpans":[{{"scope":{{"name":"worlds"}},'
            f'"spans":[{",".join(spans)}]}}]}}'
        )

    def _run(self, trace_id: str, run: Served, parent: str) -> None:
        endpoint = run.endpoint
        span_id = self._next()
        self.flows += 1
        if run.changed is not None:
            self.changed[span_id] = (endpoint.service, run.changed)
        fixed = self._fixed(f"{endpoint.service} {endpoint.route} {run.error}", endpoint, run.error)
        spans = self._spans[endpoint.service]
        spans.append(self._span(trace_id, span_id, parent, run.start, run.end, fixed))
        for call in run.calls:
            call_id = self._next()
            if call.slowed is not None:
                self.slowed[call_id] = call.slowed
            if call.answer is None and self._mesh.lost and self._losing.random() < self._mesh.lost:
                continue
            fixed = self._fixed(f"{call.kind.letter} {call.error}", call.kind, call.error)
            spans.append(self._span(trace_id, call_id, span_id, call.start, call.end, fixed))
            if call.answer is not None:
                self._run(trace_id, call.answer, call_id)

    def _next(self) -> str:
        self._number += 1
        return f"{self._prefix[:6]}{self._number:010x}"

    def _fixed(self, key: str, what: Endpoint | Kind, failed: bool) -> str:
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = (
                _of_run(what, failed) if isinstance(what, Endpoint) else _of_call(what, failed)
            )
        return found

    def _span(self, trace_id: str, span_id: str, parent: str, start: float, end: float, fixed: str) -> str:
        above = f'"parentSpanId":"{parent}",' if parent else ""
        return (
            f'{{"traceId":"{trace_id}","spanId":"{span_id}",{above}{self._state}'
            f'"startTimeUnixNano":"{_ns(start)}","endTimeUnixNano":"{_ns(end)}",{fixed}}}'
        )


def _ns(seconds: float) -> int:
    """Nanoseconds, of a clock of microseconds."""
    return round(seconds * 1e6) * 1_000


def _threshold(share: float) -> str:
    """The threshold of random numbers of 56 bits above which traces are kept, in hexadecimal."""
    return f"{round((1.0 - share) * (1 << 56)):014x}".rstrip("0") or "0"


def _of_run(endpoint: Endpoint, failed: bool) -> str:
    """Name, kind, attributes and status of the span of a run."""
    if "/" in endpoint.route and not endpoint.route.partition(" ")[2]:
        told = _of_grpc(endpoint.route, endpoint.service, failed)
    else:
        method, _, route = endpoint.route.partition(" ")
        told = {
            "http.request.method": method,
            "http.route": route,
            "url.scheme": "http",
            "http.response.status_code": 500 if failed else 200,
            "server.address": endpoint.service,
        }
    return _fixed(endpoint.route, SERVER, told, failed)


def _of_grpc(action: str, address: str, failed: bool) -> dict[str, str | int]:
    """The attributes of a call `service/method`, on either side."""
    service, _, method = action.partition("/")
    return {
        "rpc.system": "grpc",
        "rpc.service": service,
        "rpc.method": method,
        "rpc.grpc.status_code": 13 if failed else 0,
        "server.address": address,
    }


def _of_call(kind: Kind, failed: bool) -> str:
    """Name, kind, attributes and status of the span of a call."""
    target = kind.name.text
    if kind.service == OWN:
        return _fixed(kind.action, INTERNAL, {"code.function.name": kind.action}, failed)
    if kind.service == GRPC:
        return _fixed(kind.action, CLIENT, _of_grpc(kind.action, target, failed), failed)
    if kind.service == HTTP:
        told = {
            "http.request.method": kind.action,
            "url.full": f"http://{target}/",
            "server.address": target,
            "http.response.status_code": 500 if failed else 200,
        }
        return _fixed(kind.action, CLIENT, told, failed)
    told = {
        "db.system": kind.service,
        "db.operation.name": kind.action,
        "db.namespace": target,
        "server.address": f"{kind.service}.internal",
    }
    if kind.service in _SQL:
        told["db.query.text"] = f"{kind.action} {target} ?"
    return _fixed(f"{kind.action} {target}", CLIENT, told, failed)


def _fixed(name: str, kind: int, told: dict[str, str | int], failed: bool) -> str:
    status = '{"code":2}' if failed else "{}"
    return f'"name":{_json(name)},"kind":{kind},"attributes":{_attributes(told)},"status":{status}'


def _attributes(told: dict[str, str | int] | dict[str, str]) -> str:
    pairs = [
        {"key": key, "value": {"stringValue": value} if isinstance(value, str) else {"intValue": str(value)}}
        for key, value in told.items()
    ]
    return _json(pairs)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
