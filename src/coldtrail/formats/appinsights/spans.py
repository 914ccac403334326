"""Rows of Application Insights in the words of OpenTelemetry, so that one call is the same step from both."""

from __future__ import annotations

import re

from coldtrail.formats.appinsights.rows import Row
from coldtrail.formats.otel.calls import CLIENT, CONSUMER, INTERNAL, PRODUCER, SERVER
from coldtrail.formats.otel.rows import Part

_SUBSCRIPTION = re.compile(r"/subscriptions/([0-9a-f-]{36})(?:/|$)", re.IGNORECASE)
_FUNCTION = re.compile(r"(?:Functions\.|Function\.)?([A-Za-z][A-Za-z0-9_-]{0,126})(?:\.User)?")
_METHOD = re.compile(r"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT)(?:\s|$)")
_TRIGGERS = (
    (re.compile(r"New queue message detected on '([\w.-]{1,128})'"), "azurequeue"),
    (re.compile(r"New ServiceBus message detected on '([\w./-]{1,260})'"), "servicebus"),
    (re.compile(r"\(?New changes? on collection '?([\w.-]{1,128})"), "cosmosdb"),
    (re.compile(r"New blob detected[^:]{0,40}: ([a-z0-9-]{1,63})/"), "azureblob"),
)
_TIMER = "Timer fired"
_SENDS = ("send", "publish", "enqueue")
_BUSES = {"azure service bus": "servicebus", "azure event hubs": "eventhubs", "azure eventhub": "eventhubs"}
_SQL = frozenset(("sql", "mssql", "azure sql"))
_DATABASES = frozenset(
    ("mysql", "postgresql", "redis", "mongodb", "cassandra", "oracle", "sqlite", "mariadb", "elasticsearch")
)
Attributes = dict[str, object]


def part_of(row: Row) -> Part:
    """What a row is."""
    resource: Attributes = {"cloud.provider": "azure"}
    found = _SUBSCRIPTION.search(row.text("resource"))
    if row.text("role"):
        resource["service.name"] = row.text("role")
    if found is not None:
        resource["cloud.account.id"] = found[1].lower()
    return _dependency(row, resource) if row.is_dependency else _request(row, resource)


def _request(row: Row, resource: Attributes) -> Part:
    properties = row.properties
    name, attributes = row.text("name") or row.text("operation"), _status(row)
    method = _METHOD.match(properties.get("HttpMethod", "") or name)
    url = row.text("url")
    if "://" in url:
        attributes["url.full"] = url
    if method is not None:
        attributes["http.request.method"] = method[1]
    if row.text("version"):
        attributes["service.version"] = row.text("version")
    if "InvocationId" not in properties and "FullName" not in properties:
        return (name, SERVER, attributes, resource)
    function = _FUNCTION.fullmatch(properties.get("FullName") or row.text("operation") or name)
    name = function[1] if function else name
    attributes["cloud.resource_id"] = f"/sites/{row.text('role')}/functions/{name}"
    attributes["faas.invocation_id"] = properties.get("InvocationId", "")
    if row.text("version"):
        attributes["faas.version"] = row.text("version")
    kind = SERVER
    for pattern, system in _TRIGGERS:
        queue = pattern.search(properties.get("TriggerReason", ""))
        if queue is not None:
            attributes |= {"messaging.system": system, "messaging.destination.name": queue[1]}
            kind = CONSUMER
    if properties.get("TriggerReason", "").startswith(_TIMER):
        attributes["faas.trigger"] = "timer"
    elif kind == SERVER and url:
        attributes["faas.trigger"] = "http"
    return (name, kind, attributes, resource)


def _dependency(row: Row, resource: Attributes) -> Part:
    name, attributes = row.text("name"), _status(row)
    kind = row.text("kind").casefold()
    host, _, rest = row.text("target").partition(" | ")
    if kind.startswith("inproc") or kind == "internal":
        return (name, INTERNAL, attributes, resource)
    bus = next((system for known, system in _BUSES.items() if known in kind), None)
    if bus is not None:
        return _message(row, bus, name, attributes, resource)
    if kind in _SQL or kind in _DATABASES:
        server = host.removeprefix("tcp:").partition(",")[0]
        attributes |= {"db.system": "mssql" if kind in _SQL else kind, "server.address": server}
        attributes |= {"db.name": rest} if rest else {}
        attributes |= {"db.statement": row.text("data")} if row.text("data") else {}
        return (name, CLIENT, attributes, resource)
    if kind == "grpc":
        attributes |= {"rpc.system": "grpc", "rpc.method": name.rpartition("/")[2], "server.address": host}
        return (name, CLIENT, attributes, resource)
    method = _METHOD.match(name)
    attributes |= {"server.address": host} | ({"http.request.method": method[1]} if method else {})
    return (name, CLIENT, attributes, resource)


def _message(row: Row, system: str, name: str, attributes: Attributes, resource: Attributes) -> Part:
    """A message sent, or taken, by name of the queue that its target ends with."""
    is_sent = any(word in name.casefold() for word in _SENDS)
    target = row.text("target").partition(" | ")[0]
    attributes |= {
        "messaging.system": system,
        "messaging.destination.name": target.rstrip("/").rpartition("/")[2] or target,
        "messaging.operation": "send" if is_sent else "receive",
    }
    return (name, PRODUCER if is_sent else CLIENT, attributes, resource)


def _status(row: Row) -> Attributes:
    """The status of HTTP, where the code is one."""
    code = row.get("code")
    code = str(code) if isinstance(code, int) else code
    is_status = isinstance(code, str) and len(code) == 3 and code.isascii() and code.isdigit()
    return {"http.response.status_code": code} if is_status else {}
