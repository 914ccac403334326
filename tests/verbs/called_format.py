"""A format for tests: native events, each with the address of who called, which is replaced at the door."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from coldtrail.config import Settings
from coldtrail.formats.native import NativeParser
from coldtrail.formats.pseudonyms import Pseudonyms
from coldtrail.records.flow import Flow
from coldtrail.records.telemetry import Document, Observations
from tests.verbs.telemetry_files import native_events

PLACE = "tests.verbs.called_format:CalledParser"
ADDRESS = "203.0.113.7"


class _Line(Struct):
    address: str | None = None


class CalledParser(NativeParser):
    """Tells the pseudonym of the address as the request id, which is masked nowhere."""

    def __init__(self, settings: Settings, pseudonyms: Pseudonyms) -> None:
        super().__init__(settings, pseudonyms)
        self._pseudonyms = pseudonyms

    def __call__(self, document: Document) -> Observations:
        told = super().__call__(document)
        address = msgspec.json.decode(document.payload, type=_Line).address
        if address is None:
            return told
        shown = self._pseudonyms[address]
        return replace(told, spans=[replace(span, request_id=shown) for span in told.spans])

    straight = __call__


def write_called(path: Path, flows: list[Flow], address: str | None = ADDRESS) -> Path:
    """The file that holds the flows, called from an address."""
    lines = [event | {"address": address} for flow in flows for event in native_events(flow)]
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    return path
