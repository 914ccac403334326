from __future__ import annotations

import pytest

from tests.sources.otlp import certificates as making
from tests.sources.otlp.certificates import Certificates


@pytest.fixture(autouse=True)
def _no_other_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    """What exporters are told to trust, and no bundle that the environment names."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return making.made(tmp_path_factory.mktemp("certificates"))
