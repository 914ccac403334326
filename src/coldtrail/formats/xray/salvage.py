"""Saves every good part of an X-Ray document that is partly wrong, and names each loss in a sentence."""

from __future__ import annotations

import json
import math
from typing import Any

from coldtrail.config import LimitSettings
from coldtrail.errors import DocumentError
from coldtrail.features.names.masking import NAMELESS
from coldtrail.formats.json_depth import prune
from coldtrail.formats.xray.blocks import as_object, http_block, is_id, links_of, names_block, sql_block
from coldtrail.formats.xray.documents import MAX_TIME, NO_TRACE, Aws, Segment, Subsegment, Told
from coldtrail.formats.xray.shapes import is_header, refusal, refusal_of_text, wrapped

_LISTS = frozenset(("resource_names", "table_names"))
_NUMBERS = frozenset(("account_id", "function_version", "sampled"))
_AWS_KEYS = tuple(zip(Aws.__struct_fields__, Aws.__struct_encode_fields__, strict=True))
_MOST_SHAPES = 4
"""Lists and objects in each other that hold traces."""
_MAX_RECURSION = 100
_NOT_XRAY = (
    "this is no document of X-Ray: it has neither Segments nor an id and a trace_id; "
    "say what it is with --format."
)


class Salvage:
    """Reads documents piece by piece; each loss is appended to `problems`."""

    def __init__(self, limits: LimitSettings, problems: list[str]) -> None:
        self._problems = problems
        self._max_depth = min(limits.max_depth, _MAX_RECURSION)

    def document(self, payload: bytes) -> list[Told]:
        """The usable segments by trace; raises `DocumentError` where the document is no X-Ray at all."""
        value = self._load(self._decoded(payload))
        if isinstance(value, dict | str):
            found = self._traces([value])
        elif isinstance(value, list):
            found = self._traces(value)
        else:
            raise DocumentError(f"{_NOT_XRAY[0].upper()}{_NOT_XRAY[1:]}")
        if not any(told.segments for told in found) and self._problems:
            raise DocumentError(self._problems[0])
        return found

    def _decoded(self, payload: bytes) -> str:
        try:
            return payload.decode()
        except UnicodeDecodeError as error:
            self._lose(f"Byte {error.start + 1:,} is no UTF-8; it and others like it were replaced.")
            return payload.decode("utf-8", "replace")

    def text(self, content: str) -> list[Segment]:
        """The segment of one JSON text, if it can be used."""
        try:
            value = self._load(content)
        except DocumentError as error:
            self._lose(f"A segment was left out: {error}")
            return []
        return self._segment(value)

    def _load(self, text: str) -> Any:
        try:
            return json.loads(text, strict=False)
        except RecursionError:
            return self._load_pruned(text)
        except ValueError as error:
            raise DocumentError(_broken(error)) from None

    def _load_pruned(self, text: str) -> Any:
        self._lose("Parts of the document were left out: they are nested too deep.")
        try:
            return json.loads(prune(text, 2 * self._max_depth + 16), strict=False)
        except ValueError as error:
            raise DocumentError(_broken(error)) from None
        except RecursionError:
            raise DocumentError("The document is nested too deep.") from None

    def _traces(self, values: list[Any], depth: int = 1) -> list[Told]:
        found: list[Told] = []
        bare: list[Segment] = []
        for value in values:
            if isinstance(value, str):
                why = refusal_of_text(value)
                if why is None:
                    bare += self.text(value)
                else:
                    self._lose(why)
            elif isinstance(value, list) and depth < _MOST_SHAPES:
                found += self._traces(value, depth + 1)
            elif not isinstance(value, dict):
                self._lose("A part was left out: it is no JSON object.")
            elif isinstance(value.get("Traces"), list):
                found += self._traces(
                    [trace for trace in value["Traces"] if "Traces" not in as_object(trace)]
                )
            elif "Segments" in value or isinstance(value.get("Spans"), list):
                # `ListRetrievedTraces` calls segments so, in X-Ray's own format too.
                segments = self._holders(value.get("Segments", value.get("Spans")))
                found.append(
                    Told(self._trace_id(value.get("Id")), segments, value.get("LimitExceeded") is True)
                )
            elif "TraceSegmentDocuments" in value:
                bare += self._holders(value["TraceSegmentDocuments"])
            elif "Document" in value:
                bare += self._holders([value])
            elif "id" in value and ("trace_id" in value or "origin" in value):
                bare += self._segment(value)
            else:
                found += self._in_other_shape(value, depth)
        return [*found, Told(NO_TRACE, bare)] if bare else found

    def _in_other_shape(self, value: dict[str, Any], depth: int) -> list[Told]:
        """The traces of an object that X-Ray did not give as it is."""
        if is_header(value):
            return []
        inner = wrapped(value) if depth < _MOST_SHAPES else []
        if not inner:
            self._lose(refusal(value) or _NOT_XRAY)
        return self._traces(inner, depth + 1)

    def _holders(self, holders: Any) -> list[Segment]:
        if not isinstance(holders, list):
            self._lose("A trace was left out: its Segments are no list.")
            return []
        segments: list[Segment] = []
        for holder in holders:
            content = holder.get("Document", holder) if isinstance(holder, dict) else holder
            segments += self.text(content) if isinstance(content, str) else self._segment(content)
        return segments

    def _trace_id(self, value: Any) -> str:
        if value is not None and not is_id(value):
            self._lose("A trace's Id is unusable; the ids in its segments are taken instead.")
        return value if is_id(value) else NO_TRACE

    def _segment(self, value: Any) -> list[Segment]:
        if not isinstance(value, dict) or not is_id(value.get("id")):
            self._lose("A segment was left out: it has no usable id or no Document.")
            return []
        where = f"segment {value['id']!a}"
        name = value.get("name")
        if not isinstance(name, str):
            self._lose(f"The name of {where} is unusable.")
            name = NAMELESS
        start = self._time(value, "start_time", where)
        return [
            Segment(
                id=value["id"],
                name=name,
                start_time=start,
                end_time=self._time(value, "end_time", where),
                aws=self._aws(value.get("aws"), where),
                http=http_block(value.get("http")),
                subsegments=self._subsegments(value.get("subsegments"), where, 1),
                inferred=value.get("inferred") is True,
                origin=self._text(value, "origin", where),
                type=self._text(value, "type", where),
                namespace=self._text(value, "namespace", where),
                resource_arn=self._text(value, "resource_arn", where),
                trace_id=self._id(value, "trace_id", where),
                parent_id=self._id(value, "parent_id", where),
                error=self._flag(value, "error", where),
                fault=self._flag(value, "fault", where),
                throttle=self._flag(value, "throttle", where),
                in_progress=self._flag(value, "in_progress", where),
                sql=sql_block(value.get("sql")),
                links=links_of(value.get("links")),
            )
        ]

    def _subsegments(self, values: Any, where: str, depth: int) -> list[Subsegment] | None:
        if values is None:
            return None
        if not isinstance(values, list):
            self._lose(f"The subsegments of {where} were left out: they are no list.")
            return None
        if depth > self._max_depth:
            self._lose(f"What lies below {where} was left out: too deep.")
            return None
        found: list[Subsegment] = []
        for value in values:
            found += self._subsegment(value, where, depth)
        return found

    def _subsegment(self, value: Any, above: str, depth: int) -> list[Subsegment]:
        if not isinstance(value, dict):
            self._lose(f"A subsegment of {above} was left out: it is no JSON object.")
            return []
        event_id: Any = value.get("id")
        name = value.get("name")
        where = f"subsegment {event_id!a}" if is_id(event_id) else f"a subsegment of {above}"
        start = self._time(value, "start_time", where)
        below = self._subsegments(value.get("subsegments"), where, depth + 1)
        if not is_id(event_id) or not isinstance(name, str) or start is None:
            self._lose(f"A subsegment of {above} was left out: its id, name or start_time is unusable.")
            return below or []
        end = self._time(value, "end_time", where)
        return [
            Subsegment(
                id=event_id,
                name=name,
                start_time=start,
                end_time=end,
                namespace=self._text(value, "namespace", where),
                aws=self._aws(value.get("aws"), where),
                http=http_block(value.get("http")),
                subsegments=below,
                error=self._flag(value, "error", where),
                fault=self._flag(value, "fault", where),
                throttle=self._flag(value, "throttle", where),
                in_progress=self._flag(value, "in_progress", where),
                sql=sql_block(value.get("sql")),
                links=links_of(value.get("links")),
            )
        ]

    def _aws(self, value: Any, where: str) -> Aws | None:
        if not isinstance(value, dict):
            if value is not None:
                self._lose(f"The aws block of {where} was left out: it is no JSON object.")
            return None
        aws = Aws()
        for field, key in _AWS_KEYS:
            if field in _NUMBERS and isinstance(value.get(key), int | float):
                setattr(aws, field, value[key])
            elif field not in _LISTS:
                setattr(aws, field, self._text(value, key, where))
            elif isinstance(value.get(key), list):
                names = [name for name in value[key] if isinstance(name, str)]
                setattr(aws, field, names_block(names) if field == "resource_names" else names)
        return aws

    def _flag(self, value: dict[str, Any], key: str, where: str) -> bool:
        flag = value.get(key)
        if flag is not None and not isinstance(flag, bool):
            self._lose(f"The {key} of {where} was left out: it is neither true nor false.")
        return flag is True

    def _time(self, value: dict[str, Any], key: str, where: str) -> float | None:
        time = value.get(key)
        if time is None:
            return None
        if isinstance(time, int | float) and not isinstance(time, bool) and 0 < time < MAX_TIME:
            return float(time)
        shown = f"{time:.6g}" if isinstance(time, float) and math.isfinite(time) else "unusable"
        self._lose(f"The {key} of {where} is {shown}: it must be UTC epoch seconds.")
        return None

    def _text(self, value: dict[str, Any], key: str, where: str) -> str | None:
        text = value.get(key)
        if text is None or isinstance(text, str):
            return text
        self._lose(f"The {key} of {where} was left out: it is no text.")
        return None

    def _id(self, value: dict[str, Any], key: str, where: str) -> str | None:
        found = value.get(key)
        if is_id(found):
            return str(found)
        if found is not None:
            self._lose(f"The {key} of {where} is unusable.")
        return None

    def _lose(self, sentence: str) -> None:
        self._problems.append(sentence[:1].upper() + sentence[1:])


def _broken(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"The JSON is broken at character {error.pos + 1:,}: {error.msg}."
    return "The JSON holds a number that is too long."
