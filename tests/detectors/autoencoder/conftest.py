"""One quickly trained autoencoder for all tests that only look at it."""

from __future__ import annotations

import pytest

from coldtrail.detectors.autoencoder import PaperAutoencoder
from coldtrail.features.batch import Encoded
from tests.detectors.autoencoder.quick import quickly


@pytest.fixture(scope="session")
def autoencoder(learned: Encoded) -> PaperAutoencoder:
    return quickly(PaperAutoencoder()).fit(learned)
