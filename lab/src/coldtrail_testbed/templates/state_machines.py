"""The state machines of a template, with tracing."""

from collections.abc import Mapping, Sequence
from typing import Any

from coldtrail_testbed.applications.model import Application, StateMachine
from coldtrail_testbed.templates.functions import policies
from coldtrail_testbed.templates.references import Document, References, intrinsic, logical_id

# The parameters of tasks that name a resource.
_NAMES = ("TableName", "Bucket", "FunctionName")


def machine_resources(application: Application, references: References) -> Document:
    """The resources of all state machines."""
    return {
        logical_id(machine.name, "StateMachine"): _machine(machine, references)
        for machine in application.state_machines
    }


def _machine(machine: StateMachine, references: References) -> Document:
    substitutions: Document = {}
    definition = _substituted(machine.definition, references, substitutions)
    properties: Document = {
        "Name": intrinsic(references.own_name(machine.name)),
        "Type": "STANDARD",
        "Tracing": {"Enabled": True},
        "Definition": definition,
        **({"DefinitionSubstitutions": substitutions} if substitutions else {}),
        **policies(machine.grants, references),
    }
    return {"Type": "AWS::Serverless::StateMachine", "Properties": properties}


def _substituted(part: Any, references: References, substitutions: Document, key: str = "") -> Any:
    """`part` of a definition with `${token}` for each reference, which `substitutions` then explains."""
    if isinstance(part, Mapping):
        return {key: _substituted(each, references, substitutions, key) for key, each in part.items()}
    if isinstance(part, Sequence) and not isinstance(part, str):
        return [_substituted(each, references, substitutions) for each in part]
    # The ARNs of service integrations, which carry no account, stay as they are.
    if not isinstance(part, str) or part.startswith("arn:aws:states:::"):
        return part
    value = references.named(part) if key in _NAMES else references.value(part)
    if value == part:
        return part
    token = _token(value)
    substitutions[token] = value
    return f"${{{token}}}"


def _token(value: Mapping[str, Any]) -> str:
    if "Ref" in value:
        return str(value["Ref"])
    if "Fn::GetAtt" in value:
        return "".join(value["Fn::GetAtt"])
    return logical_id(value["Fn::Sub"].rpartition(":")[2].replace("AWS::StackName", ""), "Reference")
