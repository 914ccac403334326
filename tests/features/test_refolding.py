import numpy as np

from coldtrail.features.encode import encode, learn_words
from coldtrail.features.refolding import refolded
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.flow import Flow
from coldtrail.testing import START, make_flow, make_key
from tests.features.naming_words import HEX, Maker


def flows_of(beginning: str, length: int, number: int, function: str = "Order") -> list[Flow]:
    maker = Maker(length)
    return [
        make_flow(
            [
                ("GetItem", "DynamoDB", "Stock", 0.01),
                ("PutObject", "S3", beginning + maker.of(HEX, length), 0.01),
            ],
            flow_id=f"{function}{beginning}{place:05}",
            start=START + place,
            function=function,
        )
        for place in range(number)
    ]


def test_names_learned_before_their_form_are_folded_later() -> None:
    words = Vocabulary()
    early, late = flows_of("upload-", 5, 4), flows_of("upload-", 5, 30)
    words.naming.watch(early)
    learn_words(early, words)
    held = encode(early, words)
    before = dict(words.naming.forms)
    words.naming.watch(late)
    folded = refolded(held, words, before)
    learn_words(late, words)
    again = encode(early, words)
    for name in ("step", "action", "resource", "service", "starting", "offsets"):
        assert getattr(folded, name).tolist() == getattr(again, name).tolist()
    assert len(folded.shapes.first) == 1
    assert len(held.shapes.first) == 4


def test_a_form_that_grows_takes_its_names_along() -> None:
    words = Vocabulary()
    flows = flows_of("upload-", 5, 40) + flows_of("archive", 0, 40, "Ship")
    words.naming.watch(flows)
    learn_words(flows, words)
    held = encode(flows, words)
    before = dict(words.naming.forms)
    words.naming.watch(flows_of("upload-", 6, 40))
    held = refolded(held, words, before)
    assert words.naming.fold((make_key(), "S3"), "upload-0a1b2") == "upload-{hex:4-7}"
    targets = {words.steps[step][3] for step in np.unique(held.step).tolist()}
    assert targets == {None, "Stock", "upload-{hex:4-7}", "archive"}


def test_flows_of_which_no_form_changed_stay_the_same() -> None:
    words = Vocabulary()
    flows = flows_of("archive", 0, 10)
    words.naming.watch(flows)
    learn_words(flows, words)
    held = encode(flows, words)
    assert refolded(held, words, dict(words.naming.forms)) is held
