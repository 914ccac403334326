import pytest

from coldtrail.formats.otel.owners import Address, Owner, Owners, address_of

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:Orders"


def owner(told: dict[str, str], resource: dict[str, str] | None = None) -> Owner:
    return Owners(512).of(told, resource or {})


@pytest.mark.parametrize(
    ("told", "resource", "name"),
    [
        ({"faas.name": "a"}, {"faas.name": "b"}, "a"),
        ({}, {"faas.name": "b", "service.name": "c"}, "b"),
        ({"cloud.resource_id": ARN}, {"service.name": "c"}, "Orders"),
        ({"faas.id": f"{ARN}:live"}, {}, "Orders"),
        ({"aws.lambda.invoked_arn": f"{ARN}:7"}, {}, "Orders"),
        ({}, {"service.name": "c"}, "c"),
        ({}, {"service.name": "unknown_service:python"}, ""),
        ({"aws.local.service": "UnknownService"}, {}, ""),
        ({}, {"service.name": "c", "k8s.pod.labels.serving.knative.dev/service": "k"}, "k"),
        (
            {"cloud.resource_id": "/subscriptions/1/providers/Microsoft.Web/sites/shop/functions/Pay"},
            {"service.name": "shop"},
            "shop/Pay",
        ),
        ({"cloud.resource_id": "arn:aws:states:eu-west-1:1:stateMachine:M"}, {"service.name": "M"}, "M"),
    ],
)
def test_a_function_is_named_by_the_first_that_names_it(
    told: dict[str, str], resource: dict[str, str], name: str
) -> None:
    assert owner(told, resource).name == name


def test_the_address_tells_account_and_region() -> None:
    found = owner({"cloud.resource_id": ARN, "cloud.region": "us-east-1"}, {"cloud.region": "us-west-2"})
    assert (found.account, found.region, found.is_lambda) == ("111122223333", "eu-west-1", True)


def test_the_region_of_a_call_is_not_that_of_the_function() -> None:
    assert owner({"cloud.region": "us-east-1", "aws.region": "us-east-1"}).region is None


@pytest.mark.parametrize(
    ("told", "resource", "version"),
    [
        ({"cloud.resource_id": ARN}, {"faas.version": "7"}, "7"),
        ({"cloud.resource_id": ARN}, {"faas.version": "$LATEST"}, None),
        ({"cloud.resource_id": f"{ARN}:8"}, {"faas.version": "$LATEST"}, "8"),
        ({"cloud.resource_id": f"{ARN}:live"}, {}, None),
        ({"cloud.resource_id": ARN, "aws.lambda.invoked_arn": f"{ARN}:9"}, {}, "9"),
        (
            {"faas.name": "f"},
            {"faas.version": "f-00012-abc", "cloud.platform": "gcp_cloud_run"},
            "f-00012-abc",
        ),
        ({}, {"service.name": "c", "service.version": "1.2"}, "1.2"),
    ],
)
def test_versions_of_lambda_are_numbers(
    told: dict[str, str], resource: dict[str, str], version: str | None
) -> None:
    assert owner(told, resource).version == version


def test_the_namespace_of_a_service_is_its_application() -> None:
    assert owner({}, {"service.name": "c", "service.namespace": "shop"}).application == "shop"
    assert owner({"faas.name": "f"}, {"service.namespace": "shop"}).application is None


def test_addresses_that_are_none_say_nothing() -> None:
    assert address_of(None) == address_of("arn:aws") == address_of("orders:a:b:c:d:e") == Address()
