"""What is told beside something new is what the function has met, the most frequent first."""

from __future__ import annotations

from coldtrail.detectors.novelty import NoveltyDetector
from coldtrail.detectors.usual import NAMED, Usual
from coldtrail.features.encode import encode, learn_words
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.records.finding import Known, Met, StepKey
from coldtrail.testing import Call, make_flow, make_key
from tests.verbs.telemetry_files import GET, PUBLISH, PUT

TABLES: list[Call] = [("Query", "DynamoDB", name, 0.01) for name in ("A", "B", "C")]


def learned() -> tuple[Usual, Vocabulary]:
    flows = [make_flow([GET, PUT], flow_id=f"{i}", caller="shop-web") for i in range(3)]
    flows += [
        make_flow([GET, *TABLES], flow_id="t", trigger="AWS::SNS news"),
        make_flow([PUBLISH], function="Mail"),
    ]
    words = Vocabulary()
    learn_words(flows, words)
    return Usual(NoveltyDetector().fit(encode(flows, words)).kinds_, words), words


def test_resources_of_the_same_kind_are_told_or_else_all() -> None:
    usual, words = learned()
    order, mail = (words.functions.numbers[make_key(name)] for name in ("Order", "Mail"))
    found = usual.resources(order, "DynamoDB")
    assert found.things[:2] == (
        Met(StepKey("", "DynamoDB", "Stock"), 4.0),
        Met(StepKey("", "DynamoDB", "Orders"), 3.0),
    )
    assert (len(found.things), found.more) == (NAMED, 2)
    topic = Known((Met(StepKey("", "SNS", "order-events"), 1.0),))
    assert usual.resources(mail, "SNS") == usual.resources(mail, "S3") == topic
    assert usual.resources(0, "S3") == Known(())


def test_actions_with_the_same_resource_are_told_then_of_the_service_then_all() -> None:
    usual, words = learned()
    order = words.functions.numbers[make_key()]
    get, put = StepKey("GetItem", "DynamoDB", "Stock"), StepKey("PutItem", "DynamoDB", "Orders")
    assert usual.actions(order, "DynamoDB", "Stock") == Known((Met(get, 4.0),))
    assert usual.actions(order, "DynamoDB", "Z").things[:2] == (Met(get, 4.0), Met(put, 3.0))
    assert usual.actions(order, "S3", None).things[0] == Met(get, 4.0)


def test_triggers_and_their_callers_are_told() -> None:
    usual, words = learned()
    order = words.functions.numbers[make_key()]
    stage = "AWS::ApiGateway::Stage shop/prod"
    assert usual.triggers(order) == Known((Met(stage, 3.0), Met("AWS::SNS news", 1.0)))
    assert usual.callers(order, words.triggers.numbers[stage]) == Known((Met("shop-web", 3.0),))
    assert usual.callers(order, words.triggers.numbers["AWS::SNS news"]) == Known((Met(None, 1.0),))
    assert usual.callers(order, 0) == usual.callers(order, -1) == Known(())
