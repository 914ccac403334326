"""A local cloud that all tests of this folder share; each empties it first."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest

from tests.sources.aws.cloud import Faults, local_cloud, with_keys


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    with local_cloud() as endpoint:
        yield endpoint


@pytest.fixture
def endpoint(moto: str, monkeypatch: pytest.MonkeyPatch) -> str:
    with_keys(monkeypatch)
    request = urllib.request.Request(f"{moto}/moto-api/reset", method="POST")
    with urllib.request.urlopen(request) as answer:
        answer.read()
    return moto


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    return Faults(monkeypatch)
