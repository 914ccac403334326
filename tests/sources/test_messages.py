"""Requests in protobuf's wire format out of a stream, however it is cut into pieces."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from coldtrail.config import LimitSettings
from coldtrail.records.tally import Tally
from coldtrail.sources import messages
from coldtrail.sources.files import FileSource
from coldtrail.sources.messages import Form, form_of
from coldtrail.sources.splitting import Splitter
from tests.fixtures.otel import OtelSpan, as_wire, some_spans


def request(number: int) -> bytes:
    spans = [OtelSpan(**{**vars(span), "trace_id": f"{number + 1:032x}"}) for span in some_spans({})]
    return as_wire(spans)


REQUESTS = [request(number) for number in range(5)]


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


WRITTEN = {
    Form.BARE: b"".join(REQUESTS),
    Form.VARINT: b"".join(varint(len(one)) + one for one in REQUESTS),
    Form.FIXED: b"".join(len(one).to_bytes(4, "big") + one for one in REQUESTS),
}


def split(data: bytes, size: int = 1 << 17, limit: int = 1 << 20) -> tuple[list[bytes], list[str]]:
    lost: list[str] = []
    pieces: Iterator[bytes] = (data[at : at + size] for at in range(0, len(data), size))
    splitter = Splitter(limit, lambda kind, place, reason: lost.append(kind), lambda: False)
    return [document for _, document in splitter.split(pieces)], lost


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("size", [1, 3, 100, 1 << 17])
def test_any_form_in_any_pieces(form: Form, size: int) -> None:
    assert form_of(WRITTEN[form]) is form
    found, lost = split(WRITTEN[form], size)
    assert (b"".join(found), lost) == (WRITTEN[Form.BARE], [])
    assert len(found) == (1 if form is Form.BARE else len(REQUESTS))


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b'\n{"a":1}\n', b"\x05hello", b"\x00\x00\x00\x05hello", b'{"resourceSpans":[]}', b"\n" * 99],
)
def test_what_are_no_requests(data: bytes) -> None:
    assert form_of(data) is None


def test_much_of_one_request_is_cut_between_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_BATCH_BYTES", 2 * len(REQUESTS[0]))
    found, lost = split(WRITTEN[Form.BARE])
    assert [len(one) // len(REQUESTS[0]) for one in found] == [2, 2, 1]
    assert (b"".join(found), lost) == (WRITTEN[Form.BARE], [])


@pytest.mark.parametrize("form", Form)
def test_of_a_request_that_is_cut_off_the_beginning_is_given(form: Form) -> None:
    found, lost = split(WRITTEN[form][:-10])
    assert b"".join(found) == WRITTEN[Form.BARE][:-10]
    assert lost == []


@pytest.mark.parametrize("form", Form)
def test_what_comes_after_damage_is_named(form: Form) -> None:
    found, lost = split(WRITTEN[form] + b"\xff" * 100)
    assert (b"".join(found), len(lost)) == (WRITTEN[Form.BARE], 1)


@pytest.mark.parametrize("form", [Form.VARINT, Form.FIXED])
def test_what_is_too_large_is_passed_over_without_being_held(form: Form) -> None:
    large = b"\n" + varint(5_000) + bytes(5_000)
    prefix = varint(len(large)) if form is Form.VARINT else len(large).to_bytes(4, "big")
    found, lost = split(WRITTEN[form] + prefix + large + WRITTEN[form], 100, limit=2_000)
    assert (b"".join(found), lost) == (2 * WRITTEN[Form.BARE], ["document too large"])


def test_files_of_requests_are_found_in_folders(tmp_path: Path) -> None:
    (tmp_path / "a.pb").write_bytes(REQUESTS[0])
    (tmp_path / "b.bin.gz").write_bytes(gzip.compress(WRITTEN[Form.VARINT]))
    (tmp_path / "c.json").write_bytes(b'{"resourceSpans":[]}')
    (tmp_path / "named").write_bytes(WRITTEN[Form.FIXED])
    tally = Tally()
    source = FileSource([tmp_path, tmp_path / "named"], limits=LimitSettings(), tally=tally)
    documents = [document for document, _ in source.read()]
    assert [Path(one.origin).name for one in documents] == [
        "a.pb",
        *["b.bin.gz"] * 5,
        "c.json",
        *["named"] * 5,
    ]
    assert tally.lost == 0
