"""Words to vectors as Chars2vec's own network gives them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldtrail.detectors.autoencoder.chars2vec import DIMENSIONS, LONGEST, chars2vec, embedding, hashed

KERAS = {
    "DynamoDB": ([-0.067695, 0.016626, -0.890434, 0.180517], 0.22549),
    "UpdateItem": ([0.025865, -0.281962, -0.812097, -0.783476], -5.12337),
    "booking-table": ([0.303577, 0.164356, -0.873024, 0.353076], 1.5454),
    "Größe 1": ([-0.433863, -0.693178, 0.186864, -0.457693], -4.15301),
}
"""The first four numbers and the sum of all fifty, by Keras 3.15.1 with the weights of chars2vec 0.1.7."""


@pytest.mark.parametrize("word", KERAS)
def test_vectors_are_those_of_keras(word: str) -> None:
    first, total = KERAS[word]
    vector = chars2vec()([word])[0]
    np.testing.assert_allclose(vector[:4], first, atol=2e-6)
    assert vector.sum() == pytest.approx(total, abs=1e-4)


@given(st.lists(st.text(max_size=20), max_size=12), st.randoms(use_true_random=False))
def test_a_word_has_the_same_vector_in_any_company(words: list[str], random: object) -> None:
    together = chars2vec()(words)
    assert together.shape == (len(words), DIMENSIONS)
    for word, vector in zip(words, together, strict=True):
        fresh = type(chars2vec()).__call__(chars2vec(), [word])[0]
        np.testing.assert_array_equal(vector, fresh)


def test_capitals_do_not_matter_and_no_word_is_zero() -> None:
    upper, lower, none = chars2vec()(["PutItem", "putitem", ""])
    np.testing.assert_array_equal(upper, lower)
    assert not none.any()


def test_a_long_word_is_read_by_its_end() -> None:
    long, end = chars2vec()(["x" * 500 + "y" * LONGEST, "y" * LONGEST])
    np.testing.assert_array_equal(long, end)


def test_hashed_words_differ_whatever_their_spelling() -> None:
    one, other, again, none = hashed(["booking", "bookinq", "BOOKING", ""])
    assert np.abs(one - other).max() > 0.1
    np.testing.assert_array_equal(one, again)
    assert not none.any()
    assert (np.abs(hashed([str(i) for i in range(200)])) <= 1.0).all()


def test_embeddings_go_by_name() -> None:
    assert embedding("chars2vec") is chars2vec()
    assert embedding("hashed") is hashed
