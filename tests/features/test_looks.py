"""What steps, triggers and callers look like."""

from __future__ import annotations

import numpy as np

from coldtrail.features.encode import encode, learn_words
from coldtrail.features.looks import TRAITS, Looks, look_of_origin, look_of_step
from coldtrail.features.names.traits import traits_of
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.testing import make_flow
from tests.verbs.telemetry_files import GET, PUT


def test_the_looks_of_words_are_those_of_their_names() -> None:
    words = Vocabulary()
    flow = make_flow([GET, PUT])
    learn_words([flow], words)
    encoded = encode([flow], words)
    assert encoded.looks is not None
    assert np.array_equal(encoded.looks.steps(encoded.step), words.looks.steps(encoded.step))
    found = words.looks.steps(encoded.step)
    assert found.shape == (len(encoded.step), TRAITS)
    at = [event.event_target_resource for event in flow.events].index(GET[2])
    assert found[at].tolist() == list(look_of_step(*GET[:2], "Invocation", GET[2]))
    assert tuple(found[at][: len(traits_of("Stock"))].tolist()) == traits_of("Stock")


def test_what_is_done_is_part_of_a_look() -> None:
    written, read = (look_of_step(name, "S3", "handler", "loot") for name in ("PutObject", "GetObject"))
    assert written != read
    assert look_of_step("PutObject", "S3", "other", "loot") != written


def test_the_kind_of_a_trigger_is_no_part_of_its_name() -> None:
    assert look_of_origin("AWS::SQS orders")[:6] == traits_of("orders")
    assert look_of_origin("AWS::SNS orders") != look_of_origin("AWS::SQS orders")


def test_nothing_looks_like_a_word_never_met() -> None:
    looks = Looks([], ["AWS::SQS orders"], [])
    assert not looks.triggers(np.array([0, -1])).any()
    assert looks.triggers(np.array([1])).any()
