"""What tests of sources share: a tally, and a way to read."""

from collections.abc import Callable
from os import PathLike
from typing import Any

import pytest

from coldtrail.config import LimitSettings
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.sources.files import FileSource

Read = Callable[..., list[Document]]


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
def read(tally: Tally) -> Read:
    def read_all(*paths: str | PathLike[str], **limits: Any) -> list[Document]:
        source = FileSource(paths, limits=LimitSettings(**limits), tally=tally)
        return [document for document, _ in source.read()]

    return read_all
