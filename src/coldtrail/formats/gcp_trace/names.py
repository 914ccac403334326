"""What Google Cloud's own labels mean in the words of OpenTelemetry; the others are in those already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

RESOURCE = {
    "g.co/r/cloud_run_revision/service_name": "faas.name",
    "g.co/r/cloud_run_revision/revision_name": "faas.version",
    "g.co/r/cloud_run_revision/location": "cloud.region",
    "g.co/r/cloud_function/function_name": "faas.name",
    "g.co/r/cloud_function/region": "cloud.region",
    "g.co/r/gae_app/module_id": "service.name",
    "g.co/r/gae_app/version_id": "service.version",
    "g.co/gae/app/module": "service.name",
    "g.co/gae/app/version": "service.version",
}
"""Labels of what wrote a span."""
SPAN = {
    "/http/method": "http.method",
    "/http/url": "http.url",
    "/http/host": "server.address",
    "/http/status_code": "http.status_code",
    "/http/route": "http.route",
    "/rpc/service": "rpc.service",
    "/rpc/method": "rpc.method",
}
"""Labels of a span itself."""
_URL = "/http/url"
"""Without a host, a path: payload."""
_OF_RESOURCE = frozenset(
    (
        *("faas.name", "faas.version", "faas.instance"),
        *("service.name", "service.version", "service.namespace"),
        *("cloud.region", "cloud.platform", "cloud.provider", "cloud.account.id", "cloud.resource_id"),
    )
)


def parted(labels: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Attributes of the span, and of what wrote it."""
    span: dict[str, object] = {}
    resource: dict[str, object] = {}
    for name, value in _named(labels):
        (resource if name in _OF_RESOURCE else span).setdefault(name, value)
    return span, resource


def _named(labels: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for label, value in labels.items():
        if label == _URL and (not isinstance(value, str) or "://" not in value):
            continue
        if isinstance(value, str | int | bool):
            yield RESOURCE.get(label) or SPAN.get(label) or label, value
