"""DynamoDB: updates of items, whose expressions moto parses and checks again and again."""

from collections.abc import Callable
from copy import deepcopy
from functools import lru_cache
from typing import Any

import moto.dynamodb.parsing.ast_nodes as moto_ast_nodes
import moto.dynamodb.parsing.expressions as moto_expressions
import moto.dynamodb.parsing.validators as moto_validators
from moto.dynamodb.parsing.validators import ActionCountValidator, OverlappingPathsValidator

from coldtrail_testbed.cloud.moto_hooks.replacing import Replace

_EXPRESSIONS_KEPT = 256
_KINDS_KEPT = 1024

# Both modules are closed to mypy.
_Node: Any = vars(moto_ast_nodes)["Node"]
_Traverser: Any = vars(moto_ast_nodes)["DepthFirstTraverser"]
_Parser: Any = vars(moto_expressions)["UpdateExpressionParser"]

# `issubclass` is slow for the abstract classes of nodes.
_is_a: Callable[[Any, Any], bool] = lru_cache(_KINDS_KEPT)(issubclass)


def install(replace: Replace) -> None:
    """None; an update does the same as before, in a fraction of the time."""
    count, overlap = ActionCountValidator, OverlappingPathsValidator
    make = lru_cache(_EXPRESSIONS_KEPT)(_Parser.make)
    replace(_Parser, "make", staticmethod(make))
    replace(moto_validators, "deepcopy", _copied)
    replace(_Traverser, "traverse", _traverse)
    replace(count, "verify_action_counts", _at_root(count.verify_action_counts))
    replace(overlap, "check_for_overlapping_paths", _at_root(overlap.check_for_overlapping_paths))


def _copied(value: Any) -> Any:
    """A copy; what the leaves of a parsed expression hold never changes."""
    return _copied_tree(value) if isinstance(value, _Node) else deepcopy(value)


def _copied_tree(node: Any) -> Any:
    twin = object.__new__(type(node))
    vars(twin).update(vars(node))
    if node.children is not None:
        twin.children = [
            _copied_tree(child) if _is_a(type(child), _Node) else child for child in node.children
        ]
        for child in twin.children:
            if _is_a(type(child), _Node):
                child.parent = twin
    return twin


def _at_root(original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A check of a whole expression, which moto repeats at each of its clauses."""

    def check(validator: Any, node: Any) -> Any:
        return node if node.parent else original(validator, node)

    return check


def _traverse(traverser: Any, root: Any) -> Any:
    """Moto asks at each node again which kinds of nodes are to be processed."""
    return _walk(traverser, traverser.nodes_to_be_processed(), root, -1)


def _walk(traverser: Any, kinds: tuple[type, ...], node: Any, place: int) -> Any:
    if not _is_a(type(node), _Node):
        return node
    parent = node.parent
    for number, child in enumerate(node.children or ()):
        traverser.pre_processing_of_child(node, number)
        _walk(traverser, kinds, child, number)
    if _is_a(type(node), kinds):
        node = traverser.process(node)
        node.parent = parent
        if parent:
            parent.children[place] = node
    return node
