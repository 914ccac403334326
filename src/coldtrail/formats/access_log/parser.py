"""What the gateway in front of functions logs of each request: API Gateway (JSON, Common Log Format), ALB."""

from __future__ import annotations

import re
from collections.abc import Mapping

from coldtrail.config import Settings
from coldtrail.errors import DocumentError
from coldtrail.features.names.masking import RawNames
from coldtrail.formats.access_log.keys import Keys, Line, number_of, text_of
from coldtrail.formats.access_log.lines import BALANCER, COMMON, balanced, common_time
from coldtrail.formats.addresses import Addresses
from coldtrail.formats.callers import Agents
from coldtrail.formats.ids import as_told, is_id
from coldtrail.formats.json_reading import object_of
from coldtrail.formats.lambda_values import trace_of
from coldtrail.formats.moments import moment_of, moment_of_millis
from coldtrail.formats.problems import Problems
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.telemetry import Document, Observations
from coldtrail.records.witnesses import Access

_HEAD_CHARS = 4_096
_MOST_CHARS = 1 << 16
_ROUTES = (b'"httpMethod"', b'"resourcePath"', b'"routeKey"')
_OF_TEXT = re.compile(rb"[0-9a-fhgw]")
_METHOD = re.compile(r"[A-Z]{1,16}")
_ERROR = re.compile(r"(?!AKIA|ASIA)[A-Z0-9_]{1,64}")
_NO_LINE = "This is no line of an access log: it is neither API Gateway's nor a load balancer's."


class AccessLogParser:
    """Lines of access logs; raises `DocumentError` and nothing else."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        self._keys = Keys(settings.formats.access_log)
        self._names = RawNames(settings.limits.max_name_chars)
        self._agents = Agents()
        self._addresses = Addresses(settings, pseudonyms)
        self._pseudonyms = pseudonyms

    def matches(self, payload: bytes) -> bool:
        """Whether the payload looks like a line of an access log."""
        if payload[:1] == b"{":
            marks = self._keys.marks
            if marks and all(mark in payload for mark in marks):
                return True
            return (
                b'"requestId"' in payload
                and b'"status"' in payload
                and any(route in payload for route in _ROUTES)
            )
        if _OF_TEXT.match(payload) is None:
            return False
        text = payload[:_HEAD_CHARS].decode("utf-8", "replace")
        return BALANCER.match(text) is not None or COMMON.match(text) is not None

    @staticmethod
    def trace_of(payload: bytes) -> bytes | None:
        """Access logs tell of no spans."""
        return None

    def __call__(self, document: Document) -> Observations:
        """The one request of the line."""
        problems = Problems()
        if document.payload[:1] == b"{":
            try:
                access = self._of_json(object_of(document.payload, "line of an access log", problems))
            except RecursionError:
                raise DocumentError("This line of an access log is nested too deep.") from None
        else:
            access = self._of_text(document.payload[:_MOST_CHARS].decode("utf-8", "replace"))
        return Observations(
            accesses=(access,),
            problems=problems,
            more_problems=problems.left_out,
            origin=document.origin,
            place=document.place,
        )

    straight = __call__
    """Requests are no traces: there are no columns to fill."""

    def _of_json(self, line: Mapping[str, object]) -> Access:
        told = self._keys.values(line)
        time = _time(told)
        if time is None:
            raise DocumentError("This line of an access log has no usable requestTimeEpoch or requestTime.")
        method, route = _route(text_of(told.method), self._name(text_of(told.path)))
        api, stage = text_of(told.api), text_of(told.stage)
        latency, size = number_of(told.latency), number_of(told.length)
        place = self._addresses[text_of(told.address) or ""]
        error = text_of(told.error) or ""
        # By their places: so many names would take longer than all the rest.
        return Access(
            time,
            _id(text_of(told.request_id)),
            _id(text_of(told.function_request_id)),
            trace_of(text_of(told.trace_id)),
            self._name(text_of(told.account)),
            None,
            self._gateway(api or text_of(told.domain), stage),
            self._name(route),
            method,
            _status(number_of(told.status)),
            self._hidden(text_of(told.principal)),
            place.address,
            self._agents[text_of(told.agent) or ""].family,
            None if latency is None else latency / 1_000,
            None,
            None if size is None else int(size),
            error if error and _ERROR.fullmatch(error) else None,
            place.network,
            place.country,
        )

    def _of_text(self, text: str) -> Access:
        if BALANCER.match(text) is not None:
            return self._balanced(text)
        found = COMMON.match(text)
        if found is None:
            raise DocumentError(_NO_LINE)
        time = common_time(found["time"])
        if time is None:
            raise DocumentError("The time of this line of an access log is unusable.")
        user = next((name for name in (found["user"], found["caller"]) if name != "-"), None)
        method, route = _route(found["method"], found["route"])
        place = self._addresses[found["ip"]]
        return Access(
            time,
            _id(found["id"]),
            route=self._name(route),
            method=method,
            status=_status(float(found["status"])) if found["status"] != "-" else None,
            principal=self._hidden(user),
            source_ip=place.address,
            response_bytes=int(found["size"]) if found["size"] != "-" else None,
            source_network=place.network,
            source_country=place.country,
        )

    def _balanced(self, text: str) -> Access:
        line = balanced(text)
        if line is None:
            raise DocumentError("This line of a load balancer's log is cut off.")
        place = self._addresses[line.address or ""]
        return Access(
            line.time,
            None,
            None,
            line.trace_id,
            line.account,
            line.region,
            self._names[line.balancer],
            line.route,
            line.method,
            _status(line.status),
            None,
            place.address,
            self._agents[line.user_agent].family,
            line.latency_s,
            line.received,
            line.sent,
            line.error,
            place.network,
            place.country,
        )

    def _gateway(self, api: str | None, stage: str | None) -> str:
        named = "/".join([part for part in (api, stage) if part])
        return self._names[named] if named else ""

    def _name(self, name: str | None) -> str | None:
        return self._names[name] if name else None

    def _hidden(self, name: str | None) -> str | None:
        return self._pseudonyms[name] if name else None


def _time(told: Line) -> float | None:
    millis = number_of(told.millis)
    if millis is not None:
        return moment_of_millis(millis)
    text = text_of(told.time) or ""
    return moment_of(text) or common_time(text)


def _route(method: str | None, route: str | None) -> tuple[str | None, str | None]:
    """Method and route apart, where a route key holds both (`GET /pets/{id}`), and no query."""
    before, found, after = (route or "").partition(" ")
    if found and _METHOD.fullmatch(before):
        method, route = method or before, after
    route = (route or "").partition("?")[0] or None
    return method if method and _METHOD.fullmatch(method) else None, route


def _id(text: str | None) -> str | None:
    return as_told(text) if text is not None and is_id(text) else None


def _status(number: float | None) -> int | None:
    return int(number) if number is not None and 100 <= number < 1_000 else None
