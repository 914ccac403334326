"""What the airline consists of, and that its roles allow what its functions do and no more."""

from coldtrail_testbed.applications.airline import APPLICATION, names
from coldtrail_testbed.applications.model import Function, Grant
from coldtrail_testbed.cloud.identifiers import bucket_arn, table_arn
from coldtrail_testbed.flows import Flow, flows_of

from .conftest import Run

_TWELVE = {
    "ProcessBooking",
    "ReserveBooking",
    "CollectPayment",
    "ConfirmBooking",
    "CancelBooking",
    "RefundPayment",
    "NotifyBooking",
    "IngestLoyalty",
    "GetLoyalty",
    "ChargePayment",
    "CapturePayment",
    "RefundCharge",
}


def test_the_twelve_functions_of_the_paper() -> None:
    assert {function.name for function in APPLICATION.functions} == _TWELVE
    assert len(APPLICATION.functions) == 12


def test_four_buckets_and_four_tables_beside_the_payment_providers() -> None:
    assert len(APPLICATION.buckets) == len(set(APPLICATION.buckets)) == 4
    assert len({table.name for table in APPLICATION.tables} - {names.PAYMENT_TABLE}) == 4


def test_timed_events_wake_three_functions_and_a_later_one() -> None:
    woken = {schedule.function: schedule.rate_s for schedule in APPLICATION.schedules}
    later = {function.name for function in APPLICATION.later}
    assert {name: rate for name, rate in woken.items() if name in _TWELVE} == {
        "CancelBooking": 900,
        "CapturePayment": 1800,
        "IngestLoyalty": 3600,
    }
    assert later == woken.keys() - _TWELVE


def test_every_trigger_names_a_function_that_exists() -> None:
    known = _TWELVE | {function.name for function in APPLICATION.later}
    triggers = [*APPLICATION.routes, *APPLICATION.subscriptions, *APPLICATION.schedules]
    assert {trigger.function for trigger in triggers} <= known
    assert APPLICATION.releases.keys() <= _TWELVE
    assert APPLICATION.partner in {route.api for route in APPLICATION.routes}


def test_the_bookings_page_queries_an_index_that_exists() -> None:
    (route,) = APPLICATION.table_routes
    (table,) = [table for table in APPLICATION.tables if table.name == route.table]
    assert (route.index, route.key) in [(index.name, index.hash_key) for index in table.indexes]
    assert f"{{{route.key}}}" in route.path


def _grants() -> list[Grant]:
    owners: list[Function] = [*APPLICATION.functions, *APPLICATION.later]
    machines = [grant for machine in APPLICATION.state_machines for grant in machine.grants]
    return [grant for owner in owners for grant in owner.grants] + machines


def test_no_role_allows_a_wildcard_action_or_any_resource() -> None:
    for grant in _grants():
        assert grant.actions
        assert not any("*" in action for action in grant.actions)
        assert grant.resource.startswith("arn:aws:")
        assert "*" not in grant.resource.removesuffix("/*")


def test_only_the_later_function_may_write_to_the_public_bucket() -> None:
    public = f"{bucket_arn(names.ASSETS_BUCKET)}/*"
    writers = [f.name for f in APPLICATION.functions if any(grant.resource == public for grant in f.grants)]
    assert writers == []


def _is_granted(flow: Flow, service: str, operation: str, resource: str | None) -> bool:
    (function,) = [function for function in APPLICATION.functions if function.name == flow.function]
    action = f"{'states' if service == 'stepfunctions' else service}:{operation}"
    grants = [grant for grant in function.grants if action in grant.actions]
    if service == "dynamodb":
        return any(f"{grant.resource}/".startswith(f"{table_arn(str(resource))}/") for grant in grants)
    if service == "s3":
        return any(grant.resource == f"{bucket_arn(str(resource))}/*" for grant in grants)
    return bool(grants)


def test_every_call_of_a_run_is_allowed(benign_run: Run) -> None:
    calls = [(flow, call) for trace in benign_run.traces for flow in flows_of(trace) for call in flow.calls]
    assert len(calls) > 500
    refused = {
        (flow.function, call.service, call.operation, call.resource)
        for flow, call in calls
        if not _is_granted(flow, call.service, call.operation, call.resource)
    }
    assert refused == set()


def test_every_capture_ends_with_its_audit_entry(benign_run: Run) -> None:
    captures = [
        flow
        for trace in benign_run.traces
        for flow in flows_of(trace)
        if flow.function == "CapturePayment" and "Query" not in [call.operation for call in flow.calls]
    ]
    assert len(captures) > 30
    for flow in captures:
        assert [call.operation for call in flow.calls] == ["GetParameter", "UpdateItem", "PutObject"]
        assert flow.calls[-1].resource == names.AUDIT_BUCKET


def test_timed_events_take_their_own_branches(benign_run: Run) -> None:
    flows = [flow for trace in benign_run.traces for flow in flows_of(trace)]
    sequences = {(flow.function, " ".join(call.operation for call in flow.calls)) for flow in flows}
    assert ("CancelBooking", "Query") in sequences
    reconciled = [calls for name, calls in sequences if name == "CapturePayment" and " Query " in calls]
    assert reconciled
    assert all(calls.startswith("GetParameter Query") for calls in reconciled)
    assert all(calls.endswith("PutObject") for calls in reconciled)


def test_the_bookings_page_is_served_without_a_function(benign_run: Run) -> None:
    pages = 0
    for trace in benign_run.traces:
        origins = {segment.get("origin") for segment in trace["segments"]}
        urls = [segment.get("http", {}).get("request", {}).get("url", "") for segment in trace["segments"]]
        if any("/bookings/customer-" in url for url in urls):
            pages += 1
            assert "AWS::Lambda::Function" not in origins
    assert pages > 0
