"""The fields of traces of Google Cloud that may enter: everything else stays in the decoder.

Source: Cloud Trace API reference, v1 `Trace` (what is read) and v2 `Span` (what is written).
"""

from __future__ import annotations

from msgspec import Struct

Number = int | str | float | None


class OldSpan(Struct, gc=False):
    """A span of version 1; its ids are numbers in decimal."""

    spanId: Number = None
    parentSpanId: Number = None
    kind: str | None = None
    name: str | None = None
    startTime: str | None = None
    endTime: str | None = None
    labels: dict[str, object] | None = None


class Text(Struct, gc=False):
    """A text that may have been cut."""

    value: str | None = None


class AttributeValue(Struct, gc=False):
    """A value of an attribute, of which one is told."""

    stringValue: Text | None = None
    intValue: Number = None
    boolValue: bool | None = None


class Attributes(Struct, gc=False):
    """Attributes by name."""

    attributeMap: dict[str, AttributeValue] | None = None


class Status(Struct, gc=False):
    """How a span ended: 0 is well."""

    code: Number = None


class Span(Struct, gc=False):
    """A span of version 2."""

    name: str | None = None
    spanId: str | None = None
    parentSpanId: str | None = None
    displayName: Text | None = None
    startTime: str | None = None
    endTime: str | None = None
    attributes: Attributes | None = None
    status: Status | None = None
    spanKind: str | None = None
