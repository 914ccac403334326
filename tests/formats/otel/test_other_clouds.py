"""Functions of other clouds, and services that are none, as their own documentation has their spans."""

import pytest

from coldtrail.records.telemetry import Observations, Span
from tests.fixtures.otel import Attributes
from tests.formats.otel.test_observing import parsed, span

CLOUDFLARE = {
    "cloud.provider": "cloudflare",
    "cloud.platform": "cloudflare.workers",
    "faas.name": "checkout",
    "faas.version": "v12",
    "service.name": "checkout",
}
AZURE = {
    "service.name": "shop",
    "cloud.provider": "azure",
    "cloud.platform": "azure.functions",
    "cloud.region": "westeurope",
    "cloud.resource_id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/shop",
}
GOOGLE = {
    "service.name": "charge",
    "cloud.provider": "gcp",
    "cloud.platform": "gcp_cloud_run",
    "cloud.region": "europe-west1",
    "cloud.account.id": "shop-prod",
    "faas.name": "charge",
    "faas.version": "charge-00012-abc",
    "faas.instance": "00bf4bf02d",
}
KNATIVE = {
    "service.name": "user-container",
    "k8s.namespace.name": "shop",
    "k8s.pod.label.serving.knative.dev/service": "thumbnails",
}
OPENFAAS = {"service.name": "resize", "service.namespace": "openfaas-fn"}


def only(found: Observations) -> Span:
    (run,) = found.spans
    assert found.problems == []
    return run


@pytest.mark.parametrize(
    ("kind", "told", "resource", "name", "trigger"),
    [
        ("INTERNAL", {"faas.trigger": "http", "http.request.method": "GET", "url.full": "https://a.example/b"},
         CLOUDFLARE, "checkout", "http a.example"),
        ("INTERNAL", {"faas.trigger": "cron"}, CLOUDFLARE, "checkout", "cron"),
        ("INTERNAL", {"faas.trigger": "queue", "messaging.destination.name": "mail"}, CLOUDFLARE, "checkout",
         "queue mail"),
        ("SERVER", {"faas.name": "shop/Pay", "faas.trigger": "http", "http.route": "pay"}, AZURE, "shop/Pay",
         "http pay"),
        ("CONSUMER", {"faas.name": "shop/Mail", "messaging.system": "servicebus",
                      "messaging.destination.name": "mail"}, AZURE, "shop/Mail", "Service Bus mail"),
        ("SERVER", {"http.request.method": "POST", "url.path": "/"}, GOOGLE, "charge", "http"),
        ("CONSUMER", {"messaging.system": "gcp_pubsub", "messaging.destination.name": "orders",
                      "messaging.operation.type": "process"}, GOOGLE, "charge", "Pub/Sub orders"),
        ("SERVER", {"http.method": "GET", "http.route": "/t/{id}"}, KNATIVE, "thumbnails", "http /t/{id}"),
        ("SERVER", {"http.method": "POST", "http.target": "/"}, OPENFAAS, "resize", "http"),
    ],
)  # fmt: skip
def test_runs_of_functions_elsewhere(
    kind: str, told: Attributes, resource: Attributes, name: str, trigger: str
) -> None:
    run = only(parsed(span(1, None, kind, told, resource)))
    assert (run.function_name, run.trigger) == (name, trigger)
    assert run.version == resource.get("faas.version")
    assert run.account == resource.get("cloud.account.id")
    assert run.region == resource.get("cloud.region")


def test_an_application_of_functions_without_their_names_is_named_by_its_address() -> None:
    run = only(parsed(span(1, None, "SERVER", {"http.method": "GET"}, AZURE)))
    assert (run.function_name, run.is_named_by_service) == ("shop", False)


def test_what_a_worker_is_bound_to_is_called() -> None:
    bound = {"cloudflare.binding.type": "D1", "cloudflare.binding.name": "DB", "db.operation.name": "run"}
    fetch = {
        "http.request.method": "GET",
        "url.full": "https://api.example/x",
        "server.address": "api.example",
    }
    run = only(
        parsed(
            span(1, None, "INTERNAL", {"faas.trigger": "http", "faas.invocation_id": "R"}, CLOUDFLARE),
            span(2, 1, "CLIENT", {**bound, "faas.invocation_id": "R"}, CLOUDFLARE),
            span(3, 1, "CLIENT", {**fetch, "faas.invocation_id": "R"}, CLOUDFLARE),
        )
    )
    assert run.request_id == "R"
    assert [(step.event_name, step.event_type, step.event_target_resource) for step in run.steps] == [
        ("run", "Cloudflare D1", "DB"),
        ("GET", "remote", "api.example"),
    ]


def test_the_parts_of_knative_lead_on_to_who_asked() -> None:
    found = parsed(
        span(1, None, "SERVER", {"http.method": "GET"}, {"service.name": "shop"}),
        span(
            2, 1, "CLIENT", {"http.method": "GET", "server.address": "thumbnails"}, {"service.name": "shop"}
        ),
        span(3, 2, "SERVER", {}, {"service.name": "activator"}),
        span(4, 3, "CLIENT", {}, {"service.name": "activator"}),
        span(5, 4, "SERVER", {"http.method": "GET"}, KNATIVE),
    )
    assert [run.function_name for run in found.spans] == ["shop", "thumbnails"]
    assert [(link.role, link.parent_id) for link in found.links] == [
        ("hop", f"{2:016x}"),
        ("hop", f"{3:016x}"),
    ]
