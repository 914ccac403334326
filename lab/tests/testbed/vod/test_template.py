"""What video on demand consists of, and that its roles allow what its parts need."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from coldtrail_testbed.applications.model import Function, StateMachine
from coldtrail_testbed.applications.vod import APPLICATION
from coldtrail_testbed.cloud.identifiers import function_of

_FUNCTIONS = {
    *("step-functions", "input-validate", "mediainfo", "dynamo", "sns-notification", "profiler", "encode"),
    *("output-validate", "archive-source", "media-package-assets", "sqs-publish", "error-handler"),
    *("custom-resource", "mail-receive", "mail-parse", "mail-store", "publish-digest"),
}


def _called(states: dict[str, Any]) -> Iterator[str]:
    for state in states.values():
        if ":lambda:" in state.get("Resource", ""):
            yield function_of(state["Resource"])


def test_it_is_as_large_as_in_the_paper() -> None:
    assert {function.name for function in APPLICATION.functions} == _FUNCTIONS
    sizes = [APPLICATION.state_machines, APPLICATION.buckets, APPLICATION.tables]
    assert [len(size) for size in sizes] == [4, 3, 2]


def test_every_handler_exists() -> None:
    handlers = [function.handler for function in (*APPLICATION.functions, *APPLICATION.later)]
    for handler in (*handlers, *APPLICATION.releases.values()):
        assert find_spec(handler.removesuffix(".handler"))


def test_every_machine_may_call_its_functions_and_no_other() -> None:
    for machine in APPLICATION.state_machines:
        grants = [grant for grant in machine.grants if grant.actions == ("lambda:InvokeFunction",)]
        allowed = [function_of(grant.resource) for grant in grants]
        assert sorted(set(_called(machine.definition["States"]))) == sorted(allowed)


def test_every_function_is_woken_by_something() -> None:
    woken = {name for machine in APPLICATION.state_machines for name in _called(machine.definition["States"])}
    woken |= {notification.function for notification in APPLICATION.bucket_notifications}
    woken |= {rule.function for rule in APPLICATION.event_rules}
    woken |= {schedule.function for schedule in APPLICATION.schedules}
    assert woken == _FUNCTIONS | {"thumbnails"}


def test_every_state_can_be_reached_and_leads_on() -> None:
    for machine in APPLICATION.state_machines:
        states = machine.definition["States"]
        named = {machine.definition["StartAt"]}
        for state in states.values():
            choices = (*state.get("Choices", ()), *state.get("Catch", ()))
            named |= {state.get("Next"), state.get("Default"), *(choice["Next"] for choice in choices)}
        assert named - {None} == set(states)


def test_only_services_without_finer_resources_are_granted_on_all() -> None:
    parts: list[Function | StateMachine] = [*APPLICATION.functions, *APPLICATION.later]
    parts += APPLICATION.state_machines
    broad = {
        action for part in parts for grant in part.grants if grant.resource == "*" for action in grant.actions
    }
    assert {action.partition(":")[0] for action in broad} == {"mediaconvert", "mediapackage-vod"}
