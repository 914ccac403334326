"""What a span means, without its ids and times: worked out once for all spans that tell the same."""

from __future__ import annotations

from typing import NamedTuple

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.otel import attributes as known
from coldtrail.formats.otel.attributes import Attributes, first
from coldtrail.formats.otel.calls import (
    COLD,
    CONSUMER,
    INTERNAL,
    SERVER,
    Calls,
    Converted,
    Step,
    is_receiving,
)
from coldtrail.formats.otel.owners import Address, Owner, Owners, address_of
from coldtrail.formats.otel.platforms import FUNCTION, LAMBDA, platform_part
from coldtrail.formats.otel.triggers import invocation_type_by, trigger_of
from coldtrail.formats.services import function_url_of, host_of, invocation_type_of
from coldtrail.records.flow import InvocationType
from coldtrail.records.telemetry import Role

_FIRST_FAILURE = 400
_SEGMENT = "segment"
_OF_PLATFORM = ("/LambdaService", "/LambdaExecutionEnvironment")


class Lead(NamedTuple):
    """What a span is on the way up from a function."""

    role: Role
    kind: str
    name: str
    account: str | None = None
    region: str | None = None
    version: str | None = None
    invocation_type: InvocationType | None = None
    url: str | None = None


class Meaning(NamedTuple):
    """What a span means."""

    step: Step
    """As a part of somebody's run."""
    owner: Owner
    """Whose run it is, where it is one."""
    enters: bool = False
    """Whether a run begins with it, whatever lies above it."""
    may_enter: bool = True
    """Whether a run begins with it where nothing lies above it."""
    lead: Lead | None = None
    """What it is where it is no run and part of none."""
    is_part: bool = False
    """Whether it may be a run's own work that has an id of its own (a segment begun inside a handler)."""
    is_subsegment: bool = False
    """Whether only what lies above it tells whether it is a step or leads on."""
    trigger: str | None = None
    root_trigger: str | None = None
    """Where nothing lies above it."""
    invocation_type: InvocationType | None = None
    """Of a run, where no record of the platform says it."""
    is_cold: bool = False
    is_start: bool = False
    """Whether it is the start of an instance, and of no run."""
    failed: bool = False
    partial: bool = False
    """Whether its trace was not sampled: only parts of it were sent."""
    in_progress: bool = False
    is_unusual: bool = False
    """Whether columns cannot tell of it."""
    asks_request: bool = False
    """Whether it matters which invocation it is of, or which request it made, where something is above it."""


class Meanings:
    """What spans mean by what they tell."""

    def __init__(self, max_chars: int) -> None:
        self._calls = Calls(max_chars)
        self._owners = Owners(max_chars)
        self._names = RawNames()

    def of(
        self,
        name: str,
        kind: int,
        told: Attributes,
        resource: Attributes,
        converted: Converted | None = None,
    ) -> Meaning:
        """What the span means."""
        step = self._calls.step(name, kind, told, converted)
        owner = self._owners.of(told, resource)
        if converted is not None and converted.name:
            name = converted.name
        if not owner.name:
            owner = owner._replace(name=self._names[name.removesuffix(_OF_PLATFORM[1])])
        is_start = kind == INTERNAL and step.name == "Initialization" and "faas.coldstart" in told
        meaning = Meaning(
            step,
            owner,
            may_enter=True,
            is_cold=first(known.COLD_START, told) == "true"
            or (step.kind == "lifecycle" and step.name in COLD),
            is_start=is_start,
            failed=_failed(step, told),
            partial=first(known.SAMPLED, told, resource) in ("0", "false"),
            in_progress=first(known.IN_PROGRESS, told) == "true",
        )
        if converted is not None or first(known.ORIGIN, told) is not None:
            meaning = self._converted(meaning, name, told, resource, converted)
        else:
            meaning = self._told(meaning, name, kind, told, resource)
            meaning = _with_trigger(meaning, told)
        lead = meaning.lead
        if lead is not None and lead.role != "hop" and not meaning.is_part and _is_refused(told):
            # A server is not in error because it refuses a request; its record in X-Ray says that it failed.
            meaning = meaning._replace(failed=True)
        invokes = lead is not None and lead.role == "invocation"
        unusual = meaning.is_part or meaning.is_start or meaning.partial or meaning.in_progress
        asks = meaning.enters or invokes or meaning.step.is_call
        return meaning._replace(asks_request=asks, is_unusual=unusual)

    def _converted(
        self, meaning: Meaning, name: str, told: Attributes, resource: Attributes, converted: Converted | None
    ) -> Meaning:
        """Of what was a segment or a subsegment of X-Ray, what that means."""
        origin = first(known.ORIGIN, told)
        if origin == FUNCTION:
            return meaning._replace(enters=True)
        if converted is not None and not converted.is_segment:
            lead = Lead("hop", "subsegment", self._names[name])
            return meaning._replace(may_enter=False, is_subsegment=True, lead=lead)
        if origin is None:
            lead = Lead("service", _SEGMENT, self._names[name])
            return meaning._replace(may_enter=False, is_part=True, lead=lead)
        return meaning._replace(may_enter=False, lead=self._lead(name, told, resource))

    def _told(
        self, meaning: Meaning, name: str, kind: int, told: Attributes, resource: Attributes
    ) -> Meaning:
        step = meaning.step
        enters = (
            kind == SERVER
            or (kind == CONSUMER and not is_receiving(told))
            or (not meaning.is_start and first((*known.TRIGGER, *known.COLD_START), told) is not None)
        )
        part = platform_part(told, resource, enters)
        if part is not None:
            return meaning._replace(may_enter=False, lead=self._lead(name, told, resource))
        of_platform = platform_part(told, resource, is_entry=True)
        if of_platform is not None and not meaning.owner.is_function:
            # As X-Ray names the same call: by the service alone.
            shown = first(known.RPC_SERVICE, told) or name
            return meaning._replace(may_enter=False, lead=Lead("hop", "subsegment", self._names[shown]))
        if _is_of_nobody(meaning, told, resource):
            lead = Lead("hop", "subsegment", self._names[name])
            return meaning._replace(is_subsegment=True, lead=lead)
        return meaning._replace(enters=True, step=step._replace(is_call=False)) if enters else meaning

    def _lead(self, name: str, told: Attributes, resource: Attributes) -> Lead | None:
        part = platform_part(told, resource, is_entry=True)
        if part is None:
            return None
        if part.kind == LAMBDA:
            return self._invocation(name, told, resource, part.role)
        if part.role != "source" and (target := first(known.OTHER_TARGETS, told)) is not None:
            name = target
        elif part.role == "source":
            name = first(known.SERVICE, resource) or name
        return Lead(part.role, self._names[part.kind], self._names[name])

    def _invocation(self, name: str, told: Attributes, resource: Attributes, role: Role) -> Lead:
        """The platform's own record of an invocation."""
        arn = first((*known.ORIGIN_ARN, *known.FUNCTION_ADDRESS), told, resource) or ""
        owner = self._owners.of({**told, "cloud.resource_id": arn} if arn else told, resource)
        address: Address = address_of(arn)
        shown = arn if address.service == "lambda" else name.removesuffix(_OF_PLATFORM[0])
        status, url = first(known.STATUS, told) or "", first(known.URL, told) or first(known.OWN_HOST, told)
        own = None if url is None else function_url_of(host_of(url))
        return Lead(
            role,
            LAMBDA,
            self._names[shown],
            owner.account,
            owner.region,
            owner.version,
            invocation_type_of(int(status[:4]) if status.isdecimal() else None),
            None if own is None else self._names[own],
        )


def _with_trigger(meaning: Meaning, told: Attributes) -> Meaning:
    """The meaning with what started the run, unless it is a call, which has a destination of its own."""
    if meaning.step.is_call or meaning.lead is not None:
        return meaning
    return meaning._replace(
        trigger=trigger_of(told, meaning.owner, is_root=False),
        root_trigger=trigger_of(told, meaning.owner, is_root=True),
        invocation_type=invocation_type_by(told),
    )


def _is_of_nobody(meaning: Meaning, told: Attributes, resource: Attributes) -> bool:
    """Whether a span below Lambda's own record of an invocation may be meant: nothing tells of a function."""
    if not meaning.owner.is_lambda or meaning.step.is_call:
        return False
    return (
        first((*known.FUNCTION, *known.VERSION, *known.INSTANCE, *known.INVOCATION), told, resource) is None
    )


def _failed(step: Step, told: Attributes) -> bool:
    if any(told.get(flag) == "true" for flag in known.FLAGS) or "error.type" in told:
        return True
    return step.is_call and _is_refused(told)


def _is_refused(told: Attributes) -> bool:
    """Whether the status of an answer over HTTP is one of refusal or failure."""
    status = first(known.STATUS, told) or ""
    return status.isdigit() and _FIRST_FAILURE <= int(status[:4]) < 1_000
