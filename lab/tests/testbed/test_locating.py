from coldtrail_testbed.attacks.locating import calls_beyond, calls_of, calls_on, nothing, the_invocation
from coldtrail_testbed.flows import Call, Flow

FLOW = Flow(
    "flow",
    "Some",
    "invocation",
    (
        Call("1", "dynamodb", "GetItem", "Booking"),
        Call("2", "s3", "PutObject", "receipts"),
        Call("3", "dynamodb", "GetItem", "Booking"),
        Call("4", "dynamodb", "Query", "Flight"),
    ),
    9,
)


def test_calls_are_found_by_service_operation_place_and_resource() -> None:
    assert calls_of("dynamodb")(FLOW) == ["1", "3", "4"]
    assert calls_of("dynamodb", "Query", "PutItem")(FLOW) == ["4"]
    assert calls_beyond(1, "GetItem")(FLOW) == ["3"]
    assert calls_on("receipts")(FLOW) == ["2"]


def test_the_invocation_is_always_there_and_nothing_never() -> None:
    assert the_invocation(FLOW) == ["invocation"]
    assert nothing(FLOW) == []
