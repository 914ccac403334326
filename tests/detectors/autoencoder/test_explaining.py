"""Said names the feature that was badly reproduced."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.autoencoder import Autoencoder, Recipe
from coldtrail.detectors.detector import Place
from coldtrail.features.batch import Encoded
from coldtrail.features.encode import encode
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow
from tests.findings import Said, said

GET = ("GetItem", "DynamoDB", "Stock", 0.01)
PUT = ("PutItem", "DynamoDB", "Orders", 0.01)


def strongest(detector: Autoencoder, flow: Flow) -> tuple[Place, Said]:
    words = Vocabulary()
    encoded = encode([flow], words)
    steps, _ = detector.explain(encoded)
    step, channel = np.unravel_index(int(np.argmax(steps)), steps.shape)
    place = Place(0, int(step), int(channel))
    return place, said(detector, encoded, place, flow, words)


def test_a_long_step_is_a_matter_of_its_duration(autoencoder: Autoencoder) -> None:
    flow = make_flow([GET, PUT, ("Publish", "SNS", "order-events", 60.0)])
    place, evidence = strongest(autoencoder, flow)
    assert evidence.kind == "duration"
    assert "1 min 0 s" in evidence.seen
    assert place.step is not None


def test_a_new_bucket_is_a_new_resource(autoencoder: Autoencoder) -> None:
    flow = make_flow([GET, PUT, ("PutObject", "S3", "zzzz-exfiltration-0000", 0.01)])
    words = Vocabulary()
    encoded = encode([flow], words)
    kinds = [said(autoencoder, encoded, Place(0, 3, channel), flow, words).kind for channel in range(3)]
    assert set(kinds) & {"new_resource", "new_event"}


@pytest.fixture(scope="module")
def counting(learned: Encoded) -> Autoencoder:
    """One that is told of counts, and has learned little else."""
    return Autoencoder(Recipe(windows=(3,), units=(8, 4), epochs=2, batch=256, counted=True)).fit(learned)


def test_a_step_later_than_ever_is_told_with_the_longest_time(counting: Autoencoder) -> None:
    flow = make_flow([GET, PUT, ("Publish", "SNS", "order-events", 60.0)])
    words = Vocabulary()
    evidence = said(counting, encode([flow], words), Place(0, 3, 0), flow, words)
    assert evidence.kind == "duration"
    assert "1 min 0 s" in evidence.seen
    assert " ms" in evidence.expected


def test_a_surprise_is_told_by_the_word_that_was_never_met(counting: Autoencoder) -> None:
    words = Vocabulary()
    kinds = []
    for step in (("PutItem", "DynamoDB", "zzzz-loot", 0.01), ("Explode", "DynamoDB", "Orders", 0.01), GET):
        flow = make_flow([GET, PUT, step])
        kinds.append(said(counting, encode([flow], words), Place(0, 3, 0), flow, words).kind)
    assert kinds == ["new_resource", "new_event", "order"]


def test_a_missing_rest_is_an_omission(autoencoder: Autoencoder) -> None:
    flow = make_flow([GET])
    words = Vocabulary()
    encoded = encode([flow], words)
    evidence = said(autoencoder, encoded, Place(0, None, 2), flow, words)
    assert evidence.kind == "omission"
    assert "after 3 steps" in evidence.seen
