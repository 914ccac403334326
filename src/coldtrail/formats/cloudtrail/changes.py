"""The change of a function that a call made, if it made one.

All four families of Lambda's API (functions, Web Functions, MicroVMs and what they run on) are told apart by
the names of their operations alone: which source CloudTrail names for the newer ones is not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec.structs import replace

from coldtrail.features.names.masking import RawNames
from coldtrail.formats.callers import service_of
from coldtrail.formats.cloudtrail.documents import Record
from coldtrail.formats.cloudtrail.making import change_by
from coldtrail.formats.cloudtrail.meaning import (
    code_from,
    effects,
    flat,
    is_open,
    lets_in,
    parts_set,
    results_to,
    telling_variables,
)
from coldtrail.formats.cloudtrail.parameters import Parameters, mapping, text_of
from coldtrail.formats.cloudtrail.policies import EVERYONE, principals, statements
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import SEVERAL
from coldtrail.records.witnesses import ApiCall, Change

_NO_CHANGE = re.compile(
    r"(?:Get|List|Describe|Invoke|CheckpointDurable|SendDurable)(?![a-z])\w*|CreateMicrovmAuthToken"
)
"""A token for a MicroVM's shell lets its holder change all that runs there, and is none of these."""
_FAMILIES = (
    ("WebFunction", "web functions"),
    ("Microvm", "microvms"),
    ("Layer", "layers"),
    ("RuntimeManagementConfig", "functions"),
    ("Runtime", "runtimes"),
    ("NetworkConnector", "connectors"),
    ("CapacityProvider", "capacity providers"),
    ("FunctionCodeSigningConfig", "functions"),
    ("CodeSigningConfig", "code signing"),
)
_NAMES = (
    "functionName",
    "functionArn",
    "resource",
    "resourceArn",
    "imageIdentifier",
    "imageArn",
    "microvmIdentifier",
    "runtimeName",
    "capacityProviderName",
    "layerName",
    "codeSigningConfigArn",
    "identifier",
    "name",
)
_KIND_AT = 5
"""Of the parts of an ARN: what it is the ARN of."""
_MOST_LAYERS = 20
_MOST_GRANTEES = 25


class ChangeMaker:
    """Calls of Lambda's API to the changes that they made."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._names = RawNames()
        self._pseudonyms = pseudonyms

    def make(self, call: ApiCall, record: Record) -> Change | None:
        """The change, also one that failed (`error_code`); None where the call changes nothing."""
        if call.service != "Lambda" or call.read_only or _NO_CHANGE.fullmatch(call.operation):
            return None
        request = flat(mapping(Parameters.all(record.requestParameters)))
        answer = flat(mapping(Parameters.all(record.responseElements)))
        named = text_of(request, *_NAMES) or text_of(answer, *_NAMES) or ""
        name, qualifier = _of_arn(named)
        family = next((family for mark, family in _FAMILIES if mark in call.operation), "functions")
        return replace(
            change_by(call, self._names[name] if name else "", family),
            version=self._name(text_of(answer, "version", "functionVersion", "imageVersion") or qualifier),
            alias=self._name(text_of(request, "name") if call.operation.endswith("Alias") else None),
            code_sha256=self._name(text_of(answer, "codeSha256")),
            revision=self._name(text_of(answer, "revisionId")),
            role=self._name(
                text_of(answer, "role", "executionRoleArn")
                or text_of(request, "role", "executionRoleArn", "buildRoleArn", "operatorRole")
            ),
            runtime=self._name(text_of(answer, "runtime") or text_of(request, "runtime")),
            layers=tuple(self._names[one] for one in _layers(answer) or _layers(request)),
            grantee=self._grantee(request),
            target=self._name(text_of(request, "eventSourceArn") or text_of(answer, "eventSourceArn")),
            sets=parts_set(call.operation, request),
            variables=telling_variables(request),
            lets_in=lets_in(request),
            effects=effects(call.operation, request),
            results_to=tuple(self._names[one] for one in results_to(request)),
            code_from=self._name(code_from(request)),
        )

    def _name(self, name: str | None) -> str | None:
        return self._names[name] if name else None

    def _grantee(self, request: Mapping[str, object]) -> str | None:
        """Who is let in by it: a service, an account, everybody (`*`) by name, a person or session hidden."""
        if is_open(request):
            return EVERYONE
        principal = text_of(request, "principal")
        allowed = statements(text_of(request, "policy"))
        found = [principal] if principal else [one for statement in allowed for one in principals(statement)]
        return SEVERAL.join([self._shown(one) for one in found[:_MOST_GRANTEES]]) or None

    def _shown(self, grantee: str) -> str:
        kind = grantee.split(":")[_KIND_AT].partition("/")[0] if grantee.count(":") >= _KIND_AT else ""
        if grantee == EVERYONE or grantee.isdigit() or service_of(grantee) or kind in ("role", "root"):
            return self._names[grantee]
        return self._pseudonyms[grantee]


def _of_arn(name: str) -> tuple[str, str | None]:
    """Name and version of a function named by its name, `name:7`, or any part of its ARN."""
    parts = name.split(":")
    kinds = ("function", "layer", "web-function", "microvm-image", "microvm", "runtime")
    at = next((at for at, part in enumerate(parts) if part in kinds), None)
    rest = parts[at + 1 :] if at is not None else parts if len(parts) <= 2 else [name]
    qualifier = rest[1] if len(rest) == 2 else ""
    return rest[0] if rest else name, qualifier if qualifier.isdigit() and qualifier.isascii() else None


def _layers(values: Mapping[str, object]) -> list[str]:
    layers = values.get("layers")
    if not isinstance(layers, list):
        return []
    found = [layer if isinstance(layer, str) else text_of(mapping(layer), "arn") for layer in layers]
    return [layer for layer in found if layer][:_MOST_LAYERS]
