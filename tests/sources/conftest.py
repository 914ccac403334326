"""What tests of sources share: a ledger, and a way to read."""

from collections.abc import Callable
from os import PathLike
from typing import Any

import pytest

from coldtrail.config import LimitSettings
from coldtrail.ledger import Ledger
from coldtrail.records import Document
from coldtrail.sources.files import FileSource

Read = Callable[..., list[Document]]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def read(ledger: Ledger) -> Read:
    def read_all(*paths: str | PathLike[str], **limits: Any) -> list[Document]:
        source = FileSource(paths, limits=LimitSettings(**limits), ledger=ledger)
        return [document for document, _ in source.read()]

    return read_all
