"""Secrets in every field of a document of each format: values, keys, and what its parser knows besides.

Each secret holds a mark with a number, so that wherever one turns up it can be said in which field it stood.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import cache
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

import coldtrail
from coldtrail.registry import FORMATS
from tests.contracts.test_formats import GOOD
from tests.fixtures import otel
from tests.fixtures.instrumentations import INSTRUMENTATIONS
from tests.fixtures.telemetry import TraceBuilder, payload_of
from tests.fixtures.witnesses import BALANCED, FLOW
from tests.formats.access_log.test_parser import COMMON
from tests.formats.cloudwatch_metrics.test_parser import STREAMED

Path_ = tuple[str | int, ...]
OPAQUE = "opaque"
"""The kind of secret that no form gives away: a password, an item's key, a header's value."""
TRACE_ID, ENTRY = "5f84c7a10123456789abcdef01234567", "a0f067aa0ba902b7"
_MARK = re.compile(rb"(?i)ZQ([A-P]{6})QZ|4111[ -]?11(\d\d)[ -]?(\d{4})[ -]?")
_ID = re.compile(r"[0-9a-f-]{8,}")
_LONG_ID = re.compile(rb"(?<![0-9A-Za-z])(?=[0-9]*[a-f])[0-9a-f]{12,}(?![0-9A-Za-z])")
_KEY = re.compile(r"[A-Za-z@][\w.:/@-]{1,60}")
_TOGETHER = 16
"""So many of the keys that a parser knows are planted in one document."""
_WITH_KNOWN = 2
"""Of so many documents each object is given all keys that the parser knows."""
SOURCES = Path(coldtrail.__file__).parent / "formats"
SHARED_ROOMS = {"otlp": ("otel",), "aws-spans": ("otel",), "appinsights": (), "gcp-trace": ()}


class Planted(NamedTuple):
    """A document with a secret in it."""

    format: str
    where: str
    """The field, by the names that lead to it."""
    kind: str
    """Of secret."""
    payload: bytes
    """Empty where the document of the one before holds this secret as well."""


def secrets(number: int) -> dict[str, str]:
    """A secret of each kind, as documents hold them."""
    mark = mark_of(number)
    return {
        OPAQUE: f"hunter-{mark}-horse",
        "access key": f"AKIA{mark}ABCDEF",
        "session key": f"ASIA{mark}ABCDEF",
        "JWT": f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ{mark}.c2ln{mark}",
        "bearer": f"Bearer tok{mark}",
        "token": f"ghp_{mark}abcdefghijklmnopqrstuvwxyz",
        "card": f"4111 11{number // 10_000 % 100:02d} {number % 10_000:04d} 1117",
        "e-mail": f"alice.{mark}@mail.test",
        "statement": f"SELECT pan FROM cards WHERE pan = '{mark}'",
        "connection": f"postgres://app:pw{mark}@db.example:5432/shop",
        "key and value": f"Server=db.example;User=app;Password=pw{mark};",
        "userinfo and query": f"https://app:pw{mark}@api.example/items/7?page={mark}&token=tok{mark}",
    }


class _Turn:
    """Gives the kinds of secrets in turn."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._next = cycle(kind for kind in secrets(0) if kind != OPAQUE)

    def kinds(self) -> list[str]:
        """The opaque one, and some of the others."""
        return [OPAQUE, *self.others(self._most)]

    def others(self, number: int) -> tuple[str, ...]:
        """So many that are not opaque."""
        return tuple(islice(self._next, number))


def mark_of(number: int) -> str:
    """What says in all secrets of a number which they are."""
    return "ZQ" + "".join(chr(65 + (number >> 4 * place & 15)) for place in range(6)) + "QZ"


def marks_in(said: bytes) -> set[int]:
    """The numbers of the secrets that stand in what was said."""
    found = set()
    for letters, hundreds, ones in _MARK.findall(said):
        if letters:
            found.add(sum(letter - 65 << 4 * place for place, letter in enumerate(letters.upper())))
        else:
            found.add(int(hundreds) * 10_000 + int(ones))
    return found


def planted(name: str, first: int, kinds: int = 2) -> Iterator[tuple[int, Planted]]:
    """Documents of a format with a secret each, and the numbers of the secrets from the first on.

    Each field has an opaque one, and so many of the kinds that have a form, in turn.
    """
    numbers = count(first)
    turn = _Turn(kinds)
    seen: set[tuple[str, str]] = set()
    for at, base in enumerate(bases(name)):
        if isinstance(base, bytes):
            yield from _in_words(name, base, numbers, turn)
        elif isinstance(base, Message):
            yield from _in_message(name, base, numbers, turn, seen)
        else:
            yield from _in_json(name, base, numbers, turn, seen, known_keys(name) if at < _WITH_KNOWN else ())


def bases(name: str) -> list[Any]:
    """Sound documents of the format to plant in."""
    if name == "xray":
        return [_rich_trace()]
    good = [GOOD[name]]
    if name == "otlp":
        some = _calls()
        return [*map(otel.as_json, some), *(_message(spans) for spans in some)]
    if name == "aws-spans":
        return [[otel.as_record(span) for span in spans] for spans in _calls()]
    if name == "native":
        ids = {
            "function_flow_id": "a0f067aa0ba902b7",
            "application_flow_id": "1-5f84c7a1-0123456789abcdef01234567",
        }
        return [GOOD[name] | dict.fromkeys(("trigger", "caller", "version", "account", "region"), "x") | ids]
    if name == "access-log":
        return [*good, BALANCED, COMMON.encode()]
    if name == "cloudwatch-metrics":
        return [*good, STREAMED]
    return [FLOW] if name == "vpc-flow" else good


def _calls() -> list[list[otel.OtelSpan]]:
    """All that any instrumentation tells of an invocation; each call that one tells of, in a plain one."""
    start, owner = otel.START_NS, {"faas.name": "pay"}
    span = otel.OtelSpan(
        TRACE_ID, ENTRY, None, "pay", "SERVER", start, start + 9_000, {"faas.invocation_id": "R1"}, owner
    )
    below = replace(span, span_id="b0f067aa0ba902b7", parent_id=ENTRY, start_ns=start + 1, end_ns=start + 2)
    told: dict[str, Any] = {"listed": ["a", "b"], "flag": True, "amount": 0.5}
    every: dict[str, Any] = {}
    calls: dict[tuple[str, ...], otel.OtelSpan] = {
        (): replace(below, name="step", kind="INTERNAL", attributes={"code.function.name": "x"})
    }
    for one in INSTRUMENTATIONS.values():
        every |= one.resource
        told |= one.entry
        for name, kind, attributes in one.calls:
            called = replace(below, name=name, kind=kind, attributes=attributes)
            calls.setdefault(tuple(sorted(attributes)), called)
    own = replace(span, attributes=told, resource=every, links=((TRACE_ID[::-1], "c0f067aa0ba902b7"),))
    return [[own], *([call, span] for call in calls.values())]


def _message(spans: Sequence[otel.OtelSpan]) -> Message:
    request = ExportTraceServiceRequest()
    request.ParseFromString(otel.as_wire(spans))
    return request


def _rich_trace() -> Any:
    """A trace of one function, with each block that a segment may have, and one call of each service."""
    trace = TraceBuilder(5).trace("shop-prod-pay")
    request = {"url": "https://api.example/x", "method": "GET", "user_agent": "a", "client_ip": "10.0.0.1"}
    more = {
        "http": {"request": request, "response": {"status": 200, "content_length": 3}},
        "annotations": {"tier": "gold"},
        "metadata": {"default": {"order": "7"}},
        "cause": {"exceptions": [{"id": "1", "message": "no", "type": "E", "stack": [{"path": "a"}]}]},
        "sql": {"url": "jdbc:postgresql://db.example/shop", "sanitized_query": "SELECT 1", "user": "app"},
    }
    kept: dict[str, Any] = {}
    for held in trace["Segments"]:
        document = held["Document"]
        kept.setdefault(
            document["origin"] if document["origin"].startswith(("AWS::Lambda", "AWS::Api")) else "", held
        )
        _thinned(document, set())
        if document["origin"] == "AWS::Lambda::Function":
            document |= more
            last = document["subsegments"][-1] | more | {"namespace": "remote", "name": "api.example"}
            for number in (1, 2):
                other = {"id": f"{number:08x}{last['id'][8:]}"} | ({} if number == 1 else {"sql": None})
                document["subsegments"].append(last | other)
    return trace | {"Segments": list(kept.values())}


def _thinned(part: dict[str, Any], seen: set[tuple[str, str]]) -> None:
    """One step of each make below a part."""
    kept = []
    for sub in part.get("subsegments", []):
        make = (sub.get("namespace", ""), sub["name"])
        if make not in seen:
            seen.add(make)
            kept.append(sub)
            _thinned(sub, seen)
    if kept:
        part["subsegments"] = kept


def _in_json(
    name: str, base: Any, numbers: Iterator[int], turn: _Turn, seen: set[tuple[str, str]], keys: Sequence[str]
) -> Iterator[tuple[int, Planted]]:
    for path in _leaves(base):
        where = _named(base, path)
        old = _at(base, path)
        make = (where, old if isinstance(old, str) and not _ID.fullmatch(old) else "")
        if make in seen:
            continue
        seen.add(make)
        for kind in turn.kinds():
            number = next(numbers)
            secret = secrets(number)[kind]
            yield number, Planted(name, where, kind, _dumped(name, _with(base, path, secret), number))
        for shape in (list, dict):
            number = next(numbers)
            secret = secrets(number)[OPAQUE]
            value: Any = [secret] if shape is list else {secret: secret}
            yield number, Planted(name, where, OPAQUE, _dumped(name, _with(base, path, value), number))
    for path in _objects(base):
        where = _named(base, path)
        held = _at(base, path)
        absent = [key for key in ("unlisted", *keys) if isinstance(held, list) or key not in held]
        for keys_at in (absent[at : at + _TOGETHER] for at in range(0, len(absent), _TOGETHER)):
            for kinds in ((OPAQUE,) * len(keys_at), turn.others(len(keys_at))):
                changed, told = deepcopy(base), []
                for key, kind in zip(keys_at, kinds, strict=True):
                    number = next(numbers)
                    _put(_at(changed, path), key, secrets(number)[kind])
                    told.append((number, Planted(name, f"{where}.{key}", kind, b"")))
                number, one = told[0]
                yield number, one._replace(payload=_dumped(name, changed, number))
                yield from told[1:]
        for kind in turn.kinds():
            number = next(numbers)
            secret, changed = secrets(number)[kind], deepcopy(base)
            _put(_at(changed, path), secret, secret)
            yield number, Planted(name, f"{where}.(a key)", kind, _dumped(name, changed, number))


def _put(holder: Any, key: str, value: str) -> None:
    if isinstance(holder, list):
        holder.append({"key": key, "value": {"stringValue": value}})
    else:
        holder[key] = value


def _in_words(name: str, base: bytes, numbers: Iterator[int], turn: _Turn) -> Iterator[tuple[int, Planted]]:
    header, newline, line = base.rpartition(b"\n")
    words = line.split(b" ")
    for at, word in enumerate(words):
        for kind in turn.kinds():
            number = next(numbers)
            secret = secrets(number)[kind].encode()
            if b" " in secret and not word.startswith((b'"', b"[")):
                continue
            if word.startswith((b'"', b"[")):
                secret = word[:1] + secret + word[-1:]
            whole = b" ".join([*words[:at], secret, *words[at + 1 :]])
            yield number, Planted(name, f"word {at}", kind, header + newline + whole)


def _in_message(
    name: str, base: Message, numbers: Iterator[int], turn: _Turn, seen: set[tuple[str, str]]
) -> Iterator[tuple[int, Planted]]:
    """In each text and each run of bytes of a message, set or not."""
    for where, (holder, field) in _texts(base):
        if (f"wire {where}", old := str(getattr(holder, field.name))) in seen:
            continue
        seen.add((f"wire {where}", old))
        for kind in turn.kinds():
            number = next(numbers)
            secret = secrets(number)[kind]
            changed = type(base)()
            changed.CopyFrom(base)
            for at, (message, field) in _texts(changed):
                if at == where:
                    _set(message, field, secret)
                    break
            for message, other in _texts_of(changed, ("trace_id", "span_id", "parent_span_id")):
                value = getattr(message, other)
                if len(value) in (8, 16):
                    setattr(message, other, value[:-3] + number.to_bytes(3, "big"))
            yield number, Planted(name, f"wire {where}", kind, changed.SerializeToString())


def _texts(message: Message, within: str = "") -> Iterator[tuple[str, tuple[Message, Any]]]:
    for field in message.DESCRIPTOR.fields:
        where = f"{within}.{field.name}".strip(".")
        if field.type in (field.TYPE_STRING, field.TYPE_BYTES):
            yield where, (message, field)
        elif field.type == field.TYPE_MESSAGE and field.is_repeated:
            for part in getattr(message, field.name):
                below = getattr(part, "key", "")
                yield from _texts(part, f"{where}[{below}]" if below else where)
        elif field.type == field.TYPE_MESSAGE and message.HasField(field.name):
            yield from _texts(getattr(message, field.name), where)


def _texts_of(message: Message, names: Sequence[str]) -> list[tuple[Message, str]]:
    return [(one, field.name) for _, (one, field) in _texts(message) if field.name in names]


def _set(message: Message, field: Any, secret: str) -> None:
    value: Any = secret.encode() if field.type == field.TYPE_BYTES else secret
    if field.is_repeated:
        getattr(message, field.name).append(value)
    else:
        setattr(message, field.name, value)


@cache
def known_keys(name: str) -> Sequence[str]:
    """Each word of a parser's source that may be a key of its documents."""
    module = FORMATS[name].partition(":")[0].split(".")[2]
    paths = [SOURCES / f"{module}.py", *(SOURCES / module).glob("*.py")]
    paths += [path for room in SHARED_ROOMS.get(name, ()) for path in (SOURCES / room).glob("*.py")]
    found: set[str] = set()
    for path in paths:
        if path.exists():
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
                elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    found.add(node.target.id)
    return sorted(one for one in found if _KEY.fullmatch(one))


_ATTRIBUTE = re.compile(
    r"\[([^\]]+)\]\.value|(?:attributes|labels)\.(.+?)(?:\.(?:string|array|int|kvlist)Value.*)?$"
)


def field_of(where: str) -> str:
    """The name of the field at the end of the way to it; of an attribute, that of the attribute."""
    found = _ATTRIBUTE.search(where)
    return where.rpartition(".")[2] if found is None else found[1] or found[2]


def _leaves(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if isinstance(inner, dict | list) and inner:
            yield from _leaves(inner, (*path, key))
        else:
            yield (*path, key)


def _objects(base: Any) -> list[Path_]:
    """One object of each name, and one list of attributes."""
    found: dict[tuple[str, ...], Path_] = {}
    for leaf in _leaves(base):
        for upto in range(len(leaf)):
            path = leaf[:upto]
            value = _at(base, path)
            is_list = isinstance(value, list) and isinstance(value[0], dict) and "key" in value[0]
            if is_list or isinstance(value, dict):
                found.setdefault(tuple([key for key in path if isinstance(key, str)]), path)
            if is_list:
                break
    return list(found.values())


def _at(value: Any, path: Path_) -> Any:
    for key in path:
        value = value[key]
    return value


def _with(base: Any, path: Path_, value: Any) -> Any:
    changed = deepcopy(base)
    _at(changed, path[:-1])[path[-1]] = value
    return changed


def _named(base: Any, path: Path_) -> str:
    """The names on the way to a place; of an attribute that stands in a list of them, its own."""
    names = []
    for key in path:
        names.append(str(base.get("key", key)) if isinstance(base, dict) and key == "value" else str(key))
        base = base[key] if isinstance(base, list) or key in base else None
    return ".".join(one for one in names if not one.isdigit())


def _dumped(name: str, document: Any, number: int) -> bytes:
    """The document as it is written, with ids that no other document has."""
    text = payload_of(document) if name == "xray" else json.dumps(document).encode()
    return _LONG_ID.sub(lambda found: found[0][:-6] + b"%06x" % number, text)
