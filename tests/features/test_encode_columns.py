"""Columns to arrays: the same as from records."""

from __future__ import annotations

import dataclasses
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.assembly.from_documents import flows_from
from coldtrail.assembly.span_tree import arrange
from coldtrail.config import Settings
from coldtrail.features import encode_columns
from coldtrail.features.batch import PER_FLOW, PER_STEP, Encoded
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.encode_columns import Encoder
from coldtrail.features.lean import amended, columns_of, events_of, whole
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.features.wording import Wording, made_at
from coldtrail.formats.native import NativeParser
from coldtrail.records.columns import AnyFlow
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from coldtrail.testing import make_flow, make_history
from tests.features.test_lean import lean
from tests.verbs.telemetry_files import native_lines

KNOWN = make_history(60) + [
    make_flow([("Query", "DynamoDB", "Books", 0.01)], function="Search", flow_id=f"s{i}") for i in range(3)
]
NEW = [
    make_flow([("PutItem", "DynamoDB", "Elsewhere", 0.01)], flow_id="n0"),
    make_flow([("Scan", "DynamoDB", "Orders", 0.01), ("job", "function", None, 0.1)], flow_id="n1"),
    make_flow(
        [("Query", "DynamoDB", "Books", 0.01)], function="Other", flow_id="n2", version="9", caller="x"
    ),
    make_flow([], flow_id="n3", cold=True, upstream_lost=True, trigger=None, complete=False, error=True),
]


def keys(number: int) -> list[Flow]:
    """Runs that name a new object each: names to be folded."""
    return [
        make_flow([("GetObject", "S3", f"upload-{number:08x}", 0.01)], flow_id=f"k{i}", function="Thumb")
        for i, number in enumerate(Random(3).sample(range(2**32), number))
    ]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    made = Vocabulary()
    flows = KNOWN + keys(60)
    made.naming.watch(flows)
    learn_words(flows, made)
    assert made.naming.forms
    return made


def same(one: Encoded, other: Encoded) -> None:
    for name in (*PER_FLOW, *PER_STEP, "offsets"):
        a, b = getattr(one, name), getattr(other, name)
        assert a.dtype == b.dtype, name
        assert np.array_equal(a, b), name


def same_words(one: Wording, other: Wording) -> None:
    for field in dataclasses.fields(Wording):
        assert np.array_equal(getattr(one, field.name), getattr(other, field.name)), field.name


FLOWS = [*KNOWN, *NEW, *keys(80)]


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_columns_encode_as_records_do(vocabulary: Vocabulary, data: st.DataObject) -> None:
    flows = data.draw(st.lists(st.sampled_from(FLOWS), min_size=1, max_size=30))
    columns = data.draw(st.sampled_from([1.0, 0.5, 0.0]))
    random = Random(len(flows))
    mixed: list[AnyFlow] = [lean(one) if random.random() < columns else one for one in flows]
    encoder = Encoder(vocabulary)
    for _ in range(2):
        # The second time all shapes are known.
        found, expected = encoder.encode(mixed), encode(flows, vocabulary)
        same(found, expected)
        same_words(found.wording, expected.wording)
        if len(flows) > 2:
            some = np.array([2, 0])
            same_words(found.take(some).wording, expected.take(some).wording)


def test_a_step_of_a_batch_is_told_with_its_names_folded(vocabulary: Vocabulary) -> None:
    flows = keys(80)[-2:]
    batch = Encoder(vocabulary).encode([lean(flows[0]), flows[1]]).batch
    expected = encode(flows, vocabulary).batch
    assert batch is not None
    assert expected is not None
    steps = [(flow, step) for flow in (0, 1) for step in range(len(flows[flow].events))]
    found = [batch.event(*at) for at in steps]
    assert found == [expected.event(*at) for at in steps]
    assert any(one.event_target_resource == "upload-{hex:8}" for one in found)


def test_what_is_remembered_is_bounded(vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode_columns, "_MOST_STEPS", 12)
    encoder = Encoder(vocabulary)
    for flow in NEW * 3:
        same(encoder.encode([lean(flow)]), encode([flow], vocabulary))
        assert len(encoder._known) <= 5


def test_the_flows_are_left_as_they_are(vocabulary: Vocabulary) -> None:
    flows = [lean(one) for one in FLOWS]
    before = [replace(one) for one in flows]
    Encoder(vocabulary).encode(flows)
    assert flows == before


def test_native_events_fill_columns_as_well(vocabulary: Vocabulary) -> None:
    lines = [Document(line, "lines", str(at)) for at, line in enumerate(native_lines([*KNOWN, *NEW]))]
    flows = list(flows_from(lines, NativeParser(Settings()), Settings(), Tally()))
    columns = [lean(flow) for flow in flows]
    assert len(flows) == len(KNOWN) + len(NEW)
    assert [whole(one) for one in columns] == flows
    same(Encoder(vocabulary).encode(columns), encode(flows, vocabulary))


def test_columns_can_be_amended_before_they_are_encoded(vocabulary: Vocabulary) -> None:
    """As who joins witnesses does: a call turns out to have failed, or to be about something else."""
    before, after = [], []
    for number, flow in enumerate(KNOWN[:20]):
        place = number % len(flow.events)
        event = replace(flow.events[place], error=True, event_target_resource="Elsewhere")
        events = (*flow.events[:place], event, *flow.events[place + 1 :])
        after.append(replace(flow, events=events))
        columns = lean(flow).columns
        told = columns.shape.steps[place]._replace(error=True, target="Elsewhere")
        before.append(replace(lean(flow), columns=amended(columns, {place: told})))
    assert [whole(one) for one in before] == after
    same(Encoder(vocabulary).encode(before), encode(after, vocabulary))


def test_a_step_that_one_witness_more_tells_of_finds_its_place(vocabulary: Vocabulary) -> None:
    flow = KNOWN[0]
    last = flow.events[-1]
    more = replace(last, event_id="more", start_time=last.end_time + 1e-5, end_time=last.end_time + 2e-5)
    line = arrange([more, *events_of(lean(flow).columns)], flow.start_time, flow.end_time)
    columns = columns_of(line.events, line.depths)
    assert columns is not None
    grown = replace(lean(flow), columns=columns)
    assert whole(grown).events == line.events
    same(Encoder(vocabulary).encode([grown]), encode([replace(flow, **line._asdict())], vocabulary))


def test_records_of_a_flow_are_made_once_and_as_it_came(vocabulary: Vocabulary) -> None:
    flows: list[AnyFlow] = [*map(lean, NEW[:2]), keys(1)[0], lean(keys(2)[1])]
    batch = Encoder(vocabulary).encode(flows).batch
    made = [made_at(flows, batch, place) for place in range(len(flows))]
    assert made == [whole(flow) for flow in flows]
    assert all(one is made_at(flows, batch, place) for place, one in enumerate(made))
