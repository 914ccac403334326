"""Which database a call was about, and nothing of what it said."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from coldtrail.formats.xray.databases import database_of
from tests.formats.xray_parts import only_event, parse, segment, step

SECRET = "hunter2"


def target(name: str = "execute", **sql: Any) -> str | None:
    return database_of(name, Raw(json.dumps(sql).encode())).target


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://shop.example:5432/orders",
        "jdbc:postgresql://shop.example:5432/orders",
        "postgresql+psycopg2://app@shop.example/orders?sslmode=require",
        "postgres://app:hunter2@SHOP.example:5432/orders",
        "postgres://app:hun/ter2@shop.example:5432/orders",
        "jdbc:mysql://shop.example,other.example:3306/orders?user=app&password=hunter2",
        "jdbc:sqlserver://shop.example:1433;databaseName=orders;user=app;password=hunter2",
        "jdbc:oracle:thin:@//shop.example:1521/orders",
        "jdbc:oracle:thin:app/hunter2@//shop.example:1521/orders",
        "shop.example:3306/orders",
        "shop.example/orders",
        "app@tcp(shop.example:3306)/orders",
        "Server=tcp:shop.example,1433;Initial Catalog=orders;User ID=app;Password=hunter2",
    ],
)
def test_addresses_tell_the_database_and_its_server(url: str) -> None:
    if "thin:app" in url:
        url = url.replace("app/hunter2", "")
    assert target(url=url) == "orders@shop.example"


@pytest.mark.parametrize(
    "text",
    [
        "Server=shop.example;Database=orders;User Id=app;Password=hunter2;",
        "Data Source=tcp:shop.example,1433;Initial Catalog=orders;Integrated Security=true",
        "host=shop.example port=5432 dbname=orders user=app",
    ],
)
def test_connection_strings_tell_them_too(text: str) -> None:
    assert target(connection_string=text) == "orders@shop.example"


@pytest.mark.parametrize(
    ("name", "sql", "expected"),
    [
        ("orders@shop.example", {}, "orders@shop.example"),
        ("orders@shop.example", {"url": SECRET}, "orders@shop.example"),
        ("orders@other", {"url": "postgresql://shop.example/orders"}, "orders@shop.example"),
        ("execute", {"url": "mongodb://shop.example"}, "shop.example"),
        ("execute", {"url": "sqlite:////var/lib/orders.db"}, "orders.db"),
        ("execute", {"url": "postgresql://[2001:db8::1]:5432/orders"}, "orders@[2001:db8::1]"),
        ("execute", {"url": SECRET}, None),
        ("execute", {"connection_string": SECRET}, None),
        ("execute", {"url": 7}, None),
        ("execute", {}, None),
    ],
)
def test_what_tells_less(name: str, sql: dict[str, Any], expected: str | None) -> None:
    assert target(name, **sql) == expected


def test_a_call_of_a_database_is_a_step() -> None:
    sql = {
        "url": "jdbc:postgresql://app:hunter2@shop.example:5432/orders",
        "user": "app",
        "database_type": "postgres",
        "sanitized_query": f"INSERT INTO cards VALUES ('{SECRET}')",
    }
    event = only_event(parse(segment(step(name="orders@shop.example", namespace="remote", sql=sql))))
    assert (event.event_name, event.event_type) == ("INSERT", "PostgreSQL")
    assert event.event_target_resource == "orders@shop.example"


def test_two_databases_of_one_server_are_two() -> None:
    made = [
        step(number, "execute", namespace="remote", sql={"url": f"mysql://shop.example/{name}"})
        for number, name in enumerate(("orders", "payroll"))
    ]
    (span,) = parse(segment(*made)).spans
    assert [event.event_target_resource for event in span.steps] == [
        "orders@shop.example",
        "payroll@shop.example",
    ]
    assert {event.event_type for event in span.steps} == {"MySQL"}


def test_a_block_in_a_call_of_a_service_says_nothing() -> None:
    sql = {"url": "mysql://shop.example/orders"}
    event = only_event(parse(segment(step(namespace="aws", aws={"operation": "Query"}, sql=sql))))
    assert event.event_type == "DynamoDB"


@given(st.text(), st.dictionaries(st.sampled_from(["url", "connection_string"]), st.text()))
def test_nothing_but_names_gets_out(name: str, sql: dict[str, str]) -> None:
    found = database_of(name, Raw(json.dumps(sql).encode()))
    assert len(found.server) <= 255
    assert len(found.database) <= 128
    assert not set(found.server + found.database) & set(" ;=&?#")


@pytest.mark.parametrize("secret", ["hunter2"])
def test_users_and_passwords_stay_outside(secret: str) -> None:
    urls = [
        f"postgres://{secret}:{secret}@shop.example/orders?password={secret}",
        f"jdbc:sqlserver://shop.example;databaseName=orders;password={secret}",
        f"{secret}@tcp(shop.example:3306)/orders",
        f"Server=shop.example;Database=orders;Password={secret}",
    ]
    assert {target(url=url) for url in urls} == {"orders@shop.example"}
