"""Which operation a REST request means, from the service models that boto3 ships."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

# Where the name in a signature is not the name of the model.
_MODELS = {"ses": "sesv2", "execute-api": "apigatewaymanagementapi"}


@dataclass(frozen=True)
class RestRequest:
    """What tells one REST operation from another; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class _Template:
    """A model's method and URI of one operation, and what else a request must have to mean it."""

    name: str
    pattern: re.Pattern[str]
    labels: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    headers: tuple[str, ...]

    def match(self, request: RestRequest) -> dict[str, str] | None:
        for key, value in self.query:
            found = request.query.get(key)
            if found is None or (value and found != value):
                return None
        if any(header not in request.headers for header in self.headers):
            return None
        match = self.pattern.fullmatch(request.path)
        return dict(zip(self.labels, map(unquote, match.groups()), strict=True)) if match else None


def rest_operation(service: str, request: RestRequest) -> tuple[str, dict[str, str]]:
    """The operation that `request` means to `service`, and the members that its path names.

    A service or a path that no model knows gives the method and no members.
    """
    for template in _templates(service).get(request.method, ()):
        members = template.match(request)
        if members is not None:
            return template.name, members
    return request.method, {}


@cache
def _templates(service: str) -> Mapping[str, list[_Template]]:
    """The templates of each method, the most demanding first."""
    found: defaultdict[str, list[_Template]] = defaultdict(list)
    for method, template in _read_templates(service):
        found[method].append(template)
    for templates in found.values():
        templates.sort(key=_demands, reverse=True)
    return dict(found)


def _demands(template: _Template) -> tuple[int, int, int]:
    literals = len(re.sub(r"\(.*?\)", "", template.pattern.pattern))
    return len(template.query) + len(template.headers), literals, -len(template.labels)


def _read_templates(service: str) -> Iterator[tuple[str, _Template]]:
    try:
        model = Loader().load_service_model(_MODELS.get(service, service), "service-2")
    except UnknownServiceError:
        return
    for name, operation in model["operations"].items():
        shape = model["shapes"].get(operation.get("input", {}).get("shape"), {})
        path, _, query = operation["http"]["requestUri"].partition("?")
        required = [shape["members"][member] for member in shape.get("required", ())]
        yield (
            operation["http"]["method"],
            _Template(
                name=name,
                pattern=_pattern(path),
                labels=tuple(label.rstrip("+") for label in re.findall(r"{(.+?)}", path)),
                query=(*_literal_query(query), *((key, "") for key in _located(required, "querystring"))),
                headers=tuple(key.lower() for key in _located(required, "header")),
            ),
        )


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"({.+?})", path)
    return re.compile("".join(_part_pattern(part) for part in parts), re.DOTALL)


def _part_pattern(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return "(.+)" if part.endswith("+}") else "([^/]+)"


def _literal_query(query: str) -> Iterator[tuple[str, str]]:
    for pair in filter(None, query.split("&")):
        key, _, value = pair.partition("=")
        yield key, value


def _located(members: list[dict[str, Any]], location: str) -> list[str]:
    return [member["locationName"] for member in members if member.get("location") == location]
