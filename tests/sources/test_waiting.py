"""Input that comes when it comes."""

from __future__ import annotations

import io
import os
from threading import Event, Thread

import pytest

from coldtrail.sources.waiting import Waiting


def test_a_stream_that_does_not_block_is_read_to_its_end() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    empty = Event()

    def write() -> None:
        for number in range(40):
            empty.wait(0.005)
            os.write(writing, b"%d\n" % number)
        os.close(writing)

    Thread(target=write).start()
    with os.fdopen(reading, "rb") as stream:
        waiting, got = Waiting(stream), []
        while piece := waiting.read(1 << 16):
            got.append(piece)
    assert b"".join(got) == b"".join(b"%d\n" % number for number in range(40))
    assert len(got) > 1


def test_a_stream_that_blocks_is_asked_once() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"all")
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        assert [Waiting(stream).read(10) for _ in range(2)] == [b"all", b""]


@pytest.mark.parametrize("stream", [io.BytesIO(b"all"), io.BufferedReader(io.BytesIO(b"all"))])
def test_a_stream_of_no_file_is_read(stream: io.BytesIO) -> None:
    waiting = Waiting(stream)
    assert [waiting.read(2), waiting.read(2), waiting.read(2)] == [b"al", b"l", b""]
