"""The SAM templates: sound in the eyes of SAM and cfn-lint, and saying what the applications say."""

import json
import re
import socket
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.api import lint
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from coldtrail_testbed.applications import APPLICATIONS
from coldtrail_testbed.applications.model import Application, Grant
from coldtrail_testbed.cloud.identifiers import role_name
from coldtrail_testbed.cloud.permissions import machine_role
from coldtrail_testbed.templates.__main__ import main
from coldtrail_testbed.templates.document import as_yaml, template
from coldtrail_testbed.templates.functions import rate
from coldtrail_testbed.templates.references import intrinsic, logical_id
from coldtrail_testbed.templates.source_code import variables_of

_COMMITTED = Path(__file__).parents[3] / "deploy" / "testbed"
_ACCOUNT = "123456789012"
_PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": _ACCOUNT}
_EVERY = pytest.mark.parametrize("app", list(APPLICATIONS))

Document = dict[str, Any]


@cache
def _template(app: str) -> Document:
    return yaml.safe_load(as_yaml(template(APPLICATIONS[app])))  # type: ignore[no-any-return]


def _translated(app: str) -> Document:
    """What CloudFormation gets from SAM."""
    document = deepcopy(_template(app))
    # The command `sam package` puts the code there.
    document["Globals"]["Function"]["CodeUri"] = "s3://some-bucket/code.zip"
    parameters = {"AWS::Region": "us-east-1", "UsersAddresses": "203.0.113.7/32", "MailDomain": "mail.test"}
    result: Document = Translator({}, Parser()).translate(document, parameters)
    return result


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@_EVERY
def test_the_committed_template_is_the_generated_one(app: str) -> None:
    assert (_COMMITTED / app / "template.yaml").read_text() == as_yaml(template(APPLICATIONS[app]))


@_EVERY
def test_cfn_lint_finds_nothing_before_and_after_translation(app: str) -> None:
    assert lint(as_yaml(_template(app))) == []
    assert lint(json.dumps(_translated(app), indent=1)) == []


def test_cfn_lint_would_find_a_cycle_and_a_wrong_name() -> None:
    translated = _translated("airline")
    resources = translated["Resources"]
    resources["BookingTable"]["DependsOn"] = ["ReserveBookingFunction"]
    resources["FlightTable"]["Properties"]["TableNam"] = "Flight"
    rules = {match.rule.id for match in lint(json.dumps(translated, indent=1))}
    assert {"E3004", "E3002"} <= rules


class _Account:
    """Evaluates a template's functions as CloudFormation would, for a stack named as its application."""

    def __init__(self, app: str) -> None:
        self._app = app
        self._pseudo = {**_PSEUDO, "AWS::StackName": app}
        self._resources = _template(app)["Resources"]

    def evaluate(self, value: Any) -> Any:
        """`value` without functions, with the plain names of the local cloud."""
        if isinstance(value, dict) and len(value) == 1:
            ((function, argument),) = value.items()
            if function == "Ref":
                return self._reference(argument)
            if function == "Fn::GetAtt":
                return self._attribute(argument[0])
            if function == "Fn::Sub":
                return self._plain(re.sub(r"\$\{([\w:.]+)\}", self._substituted, argument))
        if isinstance(value, dict):
            return {key: self.evaluate(each) for key, each in value.items()}
        return [self.evaluate(each) for each in value] if isinstance(value, list) else value

    def _substituted(self, match: re.Match[str]) -> str:
        name, _, attribute = match[1].partition(".")
        if name in self._pseudo:
            return self._pseudo[name]
        return self._attribute(name) if attribute else self._reference(name)

    def _name(self, resource: Document) -> str:
        names = ("TableName", "FunctionName", "TopicName", "QueueName", "BucketName", "Name")
        (named,) = [resource["Properties"][key] for key in names if key in resource["Properties"]]
        return str(self.evaluate(named))

    def _reference(self, name: str) -> str:
        if name not in self._resources:
            return f"<{name}>"
        resource = self._resources[name]
        if resource["Type"] in ("AWS::SNS::Topic", "AWS::SecretsManager::Secret"):
            return self._attribute(name)
        if resource["Type"] == "AWS::SQS::Queue":
            return f"https://sqs.us-east-1.amazonaws.com/{_ACCOUNT}/{self._name(resource)}"
        return self._name(resource) if resource["Type"] != "AWS::Serverless::Api" else f"<{name}>"

    def _attribute(self, name: str) -> str:
        resource = self._resources[name]
        if resource["Type"] == "AWS::IAM::Role":
            return f"arn:aws:iam::{_ACCOUNT}:role/<{name}>"
        kinds = {
            "AWS::DynamoDB::Table": "dynamodb:{}:table/",
            "AWS::Serverless::Function": "lambda:{}:function:",
            "AWS::SNS::Topic": "sns:{}:",
            "AWS::SQS::Queue": "sqs:{}:",
            "AWS::SecretsManager::Secret": "secretsmanager:{}:secret:",
        }
        kind = kinds[resource["Type"]].format(f"us-east-1:{_ACCOUNT}")
        return f"arn:aws:{kind}{self._name(resource)}"

    def _plain(self, text: str) -> str:
        return plain(self._app, text)


def plain(app: str, text: str) -> str:
    """`text` without what only tells the names of several stacks and accounts apart."""
    text = re.sub(rf"\b{app}[-/]", "", text)
    return text.replace(f"-{_ACCOUNT}", "").replace("/payments/", "payments/")


def _expected(application: Application, grant: Grant) -> tuple[list[str], str]:
    resource = plain(application.name, grant.resource)
    for role in application.service_roles:
        name = plain(application.name, role.name)
        resource = re.sub(rf"role/{name}$", f"role/<{logical_id(role.name, 'Role')}>", resource)
    for rule in application.mail_rules:
        resource = resource.replace(rule.domain, "<MailDomain>")
    if ":secret:" in resource:
        resource = resource.removesuffix("-*")
    return list(grant.actions), resource


def _granted(account: _Account, properties: Document, app: str) -> list[tuple[list[str], str]]:
    statements = [each for policy in properties.get("Policies", []) for each in policy["Statement"]]
    assert all(statement["Effect"] == "Allow" for statement in statements)
    return [(each["Action"], plain(app, account.evaluate(each["Resource"]))) for each in statements]


@_EVERY
def test_each_role_allows_exactly_its_grants_and_no_wildcard_action(app: str) -> None:
    application, account, resources = APPLICATIONS[app], _Account(app), _template(app)["Resources"]
    owners = [(logical_id(owner.name, "Function"), owner.grants) for owner in application.functions]
    owners += [(logical_id(owner.name, "Function"), owner.grants) for owner in application.later]
    owners += [(logical_id(owner.name, "StateMachine"), owner.grants) for owner in application.state_machines]
    for name, grants in owners:
        granted = _granted(account, resources[name]["Properties"], app)
        assert granted == [_expected(application, grant) for grant in grants]
        assert not any("*" in action for actions, _ in granted for action in actions)


@_EVERY
def test_nothing_but_logs_and_traces_is_allowed_beside_the_grants(app: str) -> None:
    allowed = {"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess", "AWSLambdaSQSQueueExecutionRole"}
    for resource in _translated(app)["Resources"].values():
        if resource["Type"] == "AWS::IAM::Role":
            managed = resource["Properties"].get("ManagedPolicyArns", [])
            assert {arn.rpartition("/")[2] for arn in managed} <= allowed


@_EVERY
def test_roles_have_the_names_that_cloudtrail_records_tell(app: str) -> None:
    application = APPLICATIONS[app]
    roles = {name for name, each in _translated(app)["Resources"].items() if each["Type"] == "AWS::IAM::Role"}
    owners = [each.name for each in (*application.functions, *application.later)]
    owners += [machine_role(machine.name) for machine in application.state_machines]
    assert {role_name(owner) for owner in owners} <= roles


@_EVERY
def test_everything_is_traced(app: str) -> None:
    properties_by_type: dict[str, list[Document]] = {}
    for resource in _translated(app)["Resources"].values():
        properties_by_type.setdefault(resource["Type"], []).append(resource["Properties"])
    application = APPLICATIONS[app]
    functions = properties_by_type["AWS::Lambda::Function"]
    assert len(functions) == len(application.functions) + len(application.later)
    assert all(each["TracingConfig"] == {"Mode": "Active"} for each in functions)
    machines = properties_by_type["AWS::StepFunctions::StateMachine"]
    assert len(machines) == len(application.state_machines)
    assert all(each["TracingConfiguration"] == {"Enabled": True} for each in machines)
    stages = properties_by_type.get("AWS::ApiGateway::Stage", [])
    assert len(stages) == len({route.api for route in application.routes})
    assert all(each["TracingEnabled"] is True for each in stages)
    assert all(each["TracingConfig"] == "Active" for each in properties_by_type["AWS::SNS::Topic"])


@_EVERY
def test_each_function_gets_the_variables_that_its_code_reads_and_no_other(app: str) -> None:
    application, resources = APPLICATIONS[app], _template(app)["Resources"]
    given: set[str] = set()
    for function in (*application.functions, *application.later):
        properties = resources[logical_id(function.name, "Function")]["Properties"]
        variables = set(properties.get("Environment", {}).get("Variables", {}))
        release = application.releases.get(function.name)
        assert variables == variables_of(function.handler) | (variables_of(release) if release else set())
        given |= variables
    assert given == set(application.variables)


@_EVERY
def test_each_definition_is_the_local_one(app: str) -> None:
    account = _Account(app)
    for machine in APPLICATIONS[app].state_machines:
        properties = _template(app)["Resources"][logical_id(machine.name, "StateMachine")]["Properties"]
        text = json.dumps(properties["Definition"])
        for token, value in properties.get("DefinitionSubstitutions", {}).items():
            assert f"${{{token}}}" in text
            text = text.replace(f"${{{token}}}", account.evaluate(value))
        assert "${" not in text
        assert json.loads(plain(app, text)) == json.loads(plain(app, json.dumps(machine.definition)))


@_EVERY
def test_nothing_only_the_local_cloud_knows_is_left(app: str) -> None:
    text = as_yaml(_template(app))
    assert _ACCOUNT not in text
    assert "us-east-1" not in text
    assert not any(rule.domain in text for rule in APPLICATIONS[app].mail_rules)


@_EVERY
def test_no_bucket_is_public_unless_asked_for(app: str) -> None:
    document = _template(app)
    assert document["Parameters"]["PublicBuckets"]["Default"] == "no"
    buckets = {
        name: each for name, each in document["Resources"].items() if each["Type"] == "AWS::S3::Bucket"
    }
    public = {logical_id(bucket, "Bucket") for bucket in APPLICATIONS[app].public_buckets}
    assert len(buckets) == len(APPLICATIONS[app].buckets)
    for name, bucket in buckets.items():
        blocked = bucket["Properties"]["PublicAccessBlockConfiguration"].values()
        opened = [each for each in blocked if each is not True]
        assert len(opened) == (2 if name in public else 0)
        assert all(each == {"Fn::If": ["WithPublicBuckets", False, True]} for each in opened)
    policies = [each for each in document["Resources"].values() if each["Type"] == "AWS::S3::BucketPolicy"]
    assert {policy["Condition"] for policy in policies} <= {"WithPublicBuckets", "WithMail"}


@_EVERY
def test_every_trigger_is_there(app: str) -> None:
    application, resources = APPLICATIONS[app], _template(app)["Resources"].values()
    kinds = [
        event["Type"]
        for resource in resources
        if resource["Type"] == "AWS::Serverless::Function"
        for event in resource["Properties"].get("Events", {}).values()
    ]
    assert kinds.count("Schedule") == len(application.schedules)
    assert kinds.count("SNS") == len(application.subscriptions)
    assert kinds.count("SQS") == len(application.queue_consumers)
    assert kinds.count("S3") == len(application.bucket_notifications)
    assert kinds.count("EventBridgeRule") == len(application.event_rules)
    permissions = [each for each in resources if each["Type"] == "AWS::Lambda::Permission"]
    assert len(permissions) == len(application.routes)


def test_the_bookings_page_asks_the_table_itself() -> None:
    body = _template("airline")["Resources"]["AirlineApi"]["Properties"]["DefinitionBody"]
    integration = body["paths"]["/bookings/{customer}"]["get"]["x-amazon-apigateway-integration"]
    assert integration["uri"]["Fn::Sub"].endswith(":dynamodb:action/Query")
    request = json.loads(_Account("airline").evaluate(integration["requestTemplates"]["application/json"]))
    assert request["IndexName"] == "customer-createdAt"
    assert request["TableName"].endswith("Booking")


def test_functions_of_cloudformation() -> None:
    assert intrinsic("plain") == "plain"
    assert intrinsic("${BookingTable}") == {"Ref": "BookingTable"}
    assert intrinsic("${BookingTable.Arn}") == {"Fn::GetAtt": ["BookingTable", "Arn"]}
    assert intrinsic("${A}-b") == {"Fn::Sub": "${A}-b"}
    assert logical_id("output-validate", "Function") == "OutputValidateFunction"
    assert logical_id("BookingTopic", "Topic") == "BookingTopic"


def test_rates_are_whole_minutes() -> None:
    assert (rate(60), rate(900)) == ("rate(1 minute)", "rate(15 minutes)")


def test_one_command_writes_them_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path), "--code"])
    printed = capsys.readouterr().out.splitlines()
    for app in APPLICATIONS:
        assert {str(tmp_path / app / "template.yaml"), str(tmp_path / app / "code")} <= set(printed)
        assert (tmp_path / app / "code" / "requirements.txt").is_file()


@_EVERY
def test_the_manual_explains_every_parameter(app: str) -> None:
    manual = (_COMMITTED / "README.md").read_text()
    assert all(f"| `{name}` |" in manual for name in _template(app)["Parameters"])
