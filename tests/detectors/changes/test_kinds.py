from typing import Any

import pytest

from coldtrail.detectors.changes.kinds import dangers, is_refused, kind_of
from coldtrail.records.change import Change

OTHER = "210987654321"


def made(operation: str, **more: Any) -> Change:
    return Change("e", 1.0, "111122223333", "r", "f", operation, **more)


@pytest.mark.parametrize(
    ("operation", "more", "kind"),
    [
        ("UpdateFunctionCode", {"sets": ("code",)}, "code"),
        ("UpdateFunctionConfiguration", {"sets": ("environment", "layers")}, "layers"),
        ("UpdateFunctionConfiguration", {"sets": ("memory",)}, "configuration"),
        ("CreateFunction", {"sets": ("code",)}, "creation"),
        ("CreateWebFunctionRevision", {"sets": ("code",)}, "code"),
        ("CreateFunctionUrlConfig", {}, "url"),
        ("AddPermission", {}, "permission"),
        ("DeleteFunctionConcurrency", {}, "deletion"),
        ("PutFunctionConcurrency", {}, "concurrency"),
        ("PutTargets", {"family": "triggers"}, "trigger"),
        ("PutRolePolicy", {"family": "roles"}, "rights"),
        ("TagResource", {}, "tags"),
    ],
)
def test_the_kind_of_a_change(operation: str, more: dict[str, Any], kind: str) -> None:
    assert kind_of(made(operation, **more)) == kind


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"lets_in": ("111122223333",)}, []),
        ({"lets_in": (OTHER, "*")}, ["foreign_account", "open_to_everyone"]),
        ({"layers": ("arn:aws:lambda:x:111122223333:layer:a:1", f"arn:aws:lambda:x:{OTHER}:layer:a:1")},
         ["foreign_layer"]),
        ({"variables": ("LD_PRELOAD",)}, ["code_before_code"]),
        ({"effects": ("all rights",)}, ["all_rights"]),
        ({"effects": ("less logging",)}, ["less_logging"]),
        ({"effects": ("unsigned code",)}, ["unsigned_code"]),
        ({"target": f"arn:aws:sqs:x:{OTHER}:q"}, []),
        ({"results_to": (f"arn:aws:sqs:x:{OTHER}:q", "arn:aws:sqs:x:111122223333:q")}, ["foreign_output"]),
        ({"code_from": f"{OTHER}.dkr.ecr.x.amazonaws.com/a:1"}, ["foreign_image"]),
        ({"code_from": f"arn:aws:lambda:x:{OTHER}:microvm-image:a"}, ["foreign_image"]),
        ({"code_from": "111122223333.dkr.ecr.x.amazonaws.com/a:1"}, []),
        ({"code_from": "public.ecr.aws/a:1"}, []),
        ({"family": "layers", "lets_in": ("*",)}, ["layer_shared"]),
        ({"family": "layers", "lets_in": ("111122223333",)}, []),
    ],
)  # fmt: skip
def test_what_is_dangerous(more: dict[str, Any], found: list[str]) -> None:
    assert [one.kind for one in dangers(made("UpdateFunctionConfiguration", **more))] == found


@pytest.mark.parametrize("operation", ["CreateEventSourceMapping", "Subscribe"])
def test_triggers_of_other_accounts(operation: str) -> None:
    (danger,) = dangers(made(operation, target=f"arn:aws:sns:x:{OTHER}:t"))
    assert danger.kind == "foreign_trigger"
    assert list(dangers(made(operation, target="arn:aws:sns:x:111122223333:t"))) == []


def test_what_is_refused() -> None:
    assert is_refused(made("X", error_code="AccessDeniedException"))
    assert not is_refused(made("X", error_code="ResourceNotFoundException"))
    assert not is_refused(made("X"))
