"""The whole template of an application, as a document and as YAML."""

from typing import Any

import yaml

from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.templates.functions import GLOBALS, function_resources, policies
from coldtrail_testbed.templates.messages import message_resources
from coldtrail_testbed.templates.references import Document, References, apis_of, intrinsic, logical_id
from coldtrail_testbed.templates.rest_apis import api_resources, role
from coldtrail_testbed.templates.state_machines import machine_resources
from coldtrail_testbed.templates.storage import storage_resources

_HEAD = """# Written by `python -m coldtrail_testbed.templates`; change the application, not this file.
"""


def template(application: Application) -> Document:
    """The SAM template of `application`, as plain data."""
    references = References(application)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": application.summary,
        "Parameters": _parameters(application),
        "Conditions": _conditions(application),
        "Globals": GLOBALS,
        "Resources": {
            **function_resources(application, references),
            **machine_resources(application, references),
            **api_resources(application, references),
            **storage_resources(application, references),
            **message_resources(application, references),
            **_service_roles(application, references),
        },
        "Outputs": _outputs(application),
    }


def as_yaml(document: Document) -> str:
    """The text of the template's file."""
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)
    return _HEAD + str(text)


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Writes equal parts twice instead of pointing from one to the other."""

    def ignore_aliases(self, data: Any) -> bool:
        """True for everything."""
        return True


def _switch(description: str) -> Document:
    return {"Type": "String", "Default": "no", "AllowedValues": ["yes", "no"], "Description": description}


def _parameters(application: Application) -> Document:
    parameters: Document = {
        "LogFormat": {
            "Type": "String",
            "Default": "JSON",
            "AllowedValues": ["JSON", "Text"],
            "Description": "Lambda's own log lines: platform.* records, or START, END and REPORT.",
        }
    }
    if apis_of(application):
        parameters["UsersAddresses"] = {
            "Type": "String",
            "Description": "The addresses from which users come, such as 203.0.113.7/32; others are refused.",
            "AllowedPattern": r"[0-9.]+/[0-9]+",
        }
    if application.public_buckets:
        text = "Whether the bucket that attacks leak into really can be read by everybody."
        parameters["PublicBuckets"] = _switch(text)
    if application.mail_rules:
        text = "The domain whose mail SES receives for the application, verified there; without it no mail."
        parameters["MailDomain"] = {"Type": "String", "Default": "", "Description": text}
    if application.releases:
        parameters["Releases"] = _switch("Whether functions run their next version, with a step more.")
    if application.later:
        parameters["LaterFunctions"] = _switch("Whether the functions that appear later are there.")
    return parameters


def _conditions(application: Application) -> Document:
    conditions: Document = {}
    if application.public_buckets:
        conditions["WithPublicBuckets"] = _is("PublicBuckets", "yes")
    if application.mail_rules:
        conditions["WithMail"] = {"Fn::Not": [_is("MailDomain", "")]}
    if application.releases:
        conditions["WithReleases"] = _is("Releases", "yes")
    if application.later:
        conditions["WithLaterFunctions"] = _is("LaterFunctions", "yes")
    return conditions


def _is(parameter: str, value: str) -> Document:
    return {"Fn::Equals": [{"Ref": parameter}, value]}


def _service_roles(application: Application, references: References) -> Document:
    resources = {}
    for service_role in application.service_roles:
        allowed = policies(service_role.grants, references).get("Policies", [])
        statements = [statement for policy in allowed for statement in policy["Statement"]]
        resources[logical_id(service_role.name, "Role")] = role(service_role.service, statements)
    return resources


def _outputs(application: Application) -> Document:
    outputs: Document = {}
    for api in apis_of(application):
        host = f"${{{logical_id(api, 'Api')}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"
        outputs[logical_id(api, "Url")] = {"Value": intrinsic(f"https://{host}/Prod")}
    for bucket in application.buckets:
        outputs[logical_id(bucket, "Name")] = {"Value": {"Ref": logical_id(bucket, "Bucket")}}
    return outputs
