"""What the hooks into updates of items rely on: they change nothing but the time that an update takes."""

from copy import deepcopy
from typing import Any

import moto.dynamodb.parsing.validators as moto_validators
import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser
from moto.dynamodb.parsing.expressions import UpdateExpressionParser
from moto.dynamodb.parsing.validators import ActionCountValidator

from coldtrail_testbed.cloud.deployment import Clients

_EXPRESSION = "SET #s = :s, n = if_not_exists(n, :z) + :n, l = list_append(l, :l) REMOVE gone, l[0]"


def _update(client: Clients, expression: str, names: dict[str, str], **values: Any) -> dict[str, Any]:
    given = {f":{name}": value for name, value in values.items()}
    options = {"ExpressionAttributeNames": names} if names else {}
    updated: dict[str, Any] = client("dynamodb").update_item(
        TableName="Things",
        Key={"id": {"S": "1"}},
        UpdateExpression=expression,
        ReturnValues="ALL_NEW",
        **options,
        **({"ExpressionAttributeValues": given} if given else {}),
    )["Attributes"]
    return updated


def test_updates_do_what_they_did(client: Clients) -> None:
    """Set, count, append, remove: twice, so that the second one finds the parsed expression."""
    item = {"id": {"S": "1"}, "gone": {"S": "x"}, "l": {"L": [{"S": "a"}, {"S": "b"}]}}
    client("dynamodb").put_item(TableName="Things", Item=item)
    for count in (2, 4):
        new = _update(
            client,
            _EXPRESSION,
            {"#s": "status"},
            s={"S": f"after {count}"},
            z={"N": "0"},
            n={"N": "2"},
            l={"L": [{"S": "c"}]},
        )
        assert (new["status"], new["n"]) == ({"S": f"after {count}"}, {"N": str(count)})
        assert "gone" not in new
    assert new["l"] == {"L": [{"S": "c"}, {"S": "c"}]}


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("SET a = :v SET b = :v", "SET"),
        ("SET a = :v, a = :v", "overlap"),
        ("SET id = :v", "part of the key"),
        ("SET a = unknown_one + :v", "does not exist"),
        ("SET a = :other + :v", "not defined"),
    ],
)
def test_updates_are_refused_as_before(client: Clients, expression: str, reason: str) -> None:
    client("dynamodb").put_item(TableName="Things", Item={"id": {"S": "1"}})
    with pytest.raises(ClientError, match=reason):
        _update(client, expression, {}, v={"N": "1"})


def test_expressions_are_parsed_once_and_stay_as_they_are(client: Clients) -> None:
    parsed = UpdateExpressionParser.make(_EXPRESSION)
    before = deepcopy(parsed)
    test_updates_do_what_they_did(client)
    assert UpdateExpressionParser.make(_EXPRESSION) is parsed
    assert _tree(parsed) == _tree(before)


def test_copies_share_nothing_that_changes(client: Clients) -> None:
    parsed = UpdateExpressionParser.make(_EXPRESSION)
    copied = vars(moto_validators)["deepcopy"](parsed)
    assert _tree(copied) == _tree(parsed)
    assert not {id(node) for node in _nodes(copied)} & {id(node) for node in _nodes(parsed)}


def test_a_whole_expression_is_checked_once(client: Clients) -> None:
    counted: list[Any] = []

    class Counting(ActionCountValidator):  # type: ignore[misc]
        def process(self, node: Any) -> Any:
            counted.append(node)
            return super().process(node)

    root = UpdateExpressionParser.make("SET a = :v, b = :v REMOVE c")
    assert Counting().traverse(root) is root
    assert counted[-1] is root
    assert ActionCountValidator().verify_action_counts(counted[0]) is counted[0]


def test_the_kinds_of_nodes_are_asked_for_once_a_tree(client: Clients) -> None:
    asked: list[str] = []

    class Asking(DepthFirstTraverser):  # type: ignore[misc]
        def nodes_to_be_processed(self) -> tuple[type, ...]:
            asked.append("kinds")
            return ()

    Asking().traverse(UpdateExpressionParser.make(_EXPRESSION))
    assert asked == ["kinds"]


def _nodes(node: Any) -> list[Any]:
    children = [child for child in node.children or () if hasattr(child, "children")]
    return [node, *(below for child in children for below in _nodes(child))]


def _tree(node: Any) -> Any:
    if not hasattr(node, "children"):
        return str(node)
    return [type(node).__name__, *map(_tree, node.children or ())]
