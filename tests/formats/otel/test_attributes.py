import pytest

from coldtrail.formats.otel import attributes as known
from coldtrail.formats.otel.attributes import first, fit, without_path
from coldtrail.records.telemetry import SEVERAL


def test_names_are_tried_in_order_and_places_before_names() -> None:
    told, resource = {"faas.execution": "old"}, {"faas.invocation_id": "new"}
    assert first(known.INVOCATION, told | resource) == "new"
    assert first(known.INVOCATION, told, resource) == "old"
    assert first(known.INVOCATION, {"faas.execution": ""}) is None


@pytest.mark.parametrize(
    ("name", "value", "fitting"),
    [
        ("faas.name", "Orders", "Orders"),
        ("faas.coldstart", True, "true"),
        ("server.port", 443, "443"),
        ("server.port", 443.0, "443"),
        ("server.port", 2**70, None),
        ("aws.dynamodb.table_names", ["a", "b", 3], SEVERAL.join("ab")),
        ("aws.dynamodb.table_names", [], None),
        ("aws.dynamodb.table_names", [f"a{SEVERAL}b"], None),
        ("faas.name", None, None),
        ("faas.name", {"a": 1}, None),
        ("db.statement", "select card from t", "SELECT"),
        ("db.query.text", "hunter2", "query"),
        ("db.operation", "SELECT 'hunter2'", "SELECT"),
        ("db.operation.name", "find", "find"),
        ("db.operation.name", " ", None),
        ("http.url", "https://u:pa55/word@x.example/y", "https://x.example"),
        ("http.url", "https://user:hunter2@x.example:8443/a?b=c#d", "https://x.example:8443"),
        (
            "aws.queue_url",
            "https://sqs.eu-west-1.amazonaws.com/1/a?b",
            "https://sqs.eu-west-1.amazonaws.com/1/a",
        ),
    ],
)
def test_values_are_text_without_what_may_be_secret(name: str, value: object, fitting: str | None) -> None:
    assert fit(name, value) == fitting


def test_values_are_bounded() -> None:
    assert len(fit("faas.name", "a" * 10_000) or "") == known.MAX_VALUE_CHARS
    several = fit("aws.dynamodb.table_names", ["a"] * 1_000) or ""
    assert several.count(SEVERAL) == known.MOST_VALUES - 1


def test_what_is_no_url_loses_its_query() -> None:
    assert without_path("orders?key=hunter2") == "orders"


def test_every_target_is_listed() -> None:
    assert {name for names in known.TARGETS.values() for name in names} <= known.LISTED
    assert "aws.s3.key" not in known.LISTED


def test_of_a_list_of_statements_no_more_enters_than_of_one() -> None:
    assert fit("db.statement", ["hunter2", "SELECT card FROM t"]) == "query"
    assert fit("db.query.text", ["select card from t", "AUTH hunter2"]) == "SELECT"
    assert fit("http.url", ["https://app:hunter2@api.example/x?key=1"]) == "https://api.example"


def test_what_is_secret_by_its_form_enters_with_no_name() -> None:
    assert fit("faas.trigger", "AKIA" + "IOSFODNN7EXAMPLE") == "*"
    assert fit("messaging.destination.name", "orders of alice@mail.test") == "orders of *"


def test_an_id_enters_as_it_is_or_not_at_all() -> None:
    for name in known.ONE_SPAN_ALONE:
        assert fit(name, "0e92b985-4539-4207-9886-5662c65e5ef4") == "0e92b985-4539-4207-9886-5662c65e5ef4"
        assert fit(name, "paid with 4111-1111-1111-1111") is None
        assert fit(name, "alice@mail.test") is None
