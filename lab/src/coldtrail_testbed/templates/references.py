"""Turns the local cloud's names and ARNs into CloudFormation's references."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from coldtrail_testbed.applications.model import Application
from coldtrail_testbed.cloud.identifiers import (
    ACCOUNT,
    REGION,
    api_host,
    bucket_arn,
    function_arn,
    one_word,
    parameter_arn,
    queue_arn,
    queue_url,
    secret_arn,
    state_machine_arn,
    table_arn,
    topic_arn,
)

Document = dict[str, Any]

_ONE_REFERENCE = re.compile(r"\$\{(\w+)(?:\.(\w+))?\}")
_PSEUDO = {"arn:aws:": "arn:${AWS::Partition}:", REGION: "${AWS::Region}", ACCOUNT: "${AWS::AccountId}"}


def logical_id(name: str, kind: str) -> str:
    """The logical id of a resource: its name in one word, and its kind."""
    word = one_word(name)
    return word if word.endswith(kind) else word + kind


def intrinsic(text: str) -> Any:
    """The function for `text` with `${...}` inside: Ref, Fn::GetAtt or Fn::Sub; plain text as it is."""
    alone = _ONE_REFERENCE.fullmatch(text)
    if alone and alone[2]:
        return {"Fn::GetAtt": [alone[1], alone[2]]}
    if alone:
        return {"Ref": alone[1]}
    return {"Fn::Sub": text} if "${" in text else text


class References:
    """The references of one application.

    State machines and buckets are named by text that refers to no resource: their functions' roles would
    otherwise depend on them, and they on their functions.
    """

    def __init__(self, application: Application) -> None:
        self._prefix = re.compile(rf"{re.escape(application.name)}[-/]")
        texts = dict(self._texts_of(application))
        self._texts = {text: texts[text] for text in sorted(texts, key=len, reverse=True)}
        self._names = dict(self._names_of(application))

    def own_name(self, name: str) -> str:
        """The name that a resource gets in the account: the stack's, and its own."""
        return "${AWS::StackName}-" + self._prefix.sub("", name, count=1)

    def path_name(self, name: str) -> str:
        """The name of a parameter or a secret, whose parts slashes divide."""
        slash, bare = ("/", name[1:]) if name.startswith("/") else ("", name)
        return slash + "${AWS::StackName}/" + self._prefix.sub("", bare, count=1)

    def bucket_name(self, name: str) -> str:
        """The name of a bucket, unique in the world by its account."""
        return name + "-${AWS::AccountId}"

    def machine_arn(self, name: str) -> str:
        """The ARN of a state machine."""
        prefix = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:"
        return prefix + self.own_name(name)

    def text(self, local: str) -> str:
        """`local` with `${...}` in place of everything that only the local cloud knows."""
        for known, reference in {**self._texts, **_PSEUDO}.items():
            local = local.replace(known, reference)
        return local

    def named(self, local: str) -> Any:
        """The reference for a variable's value: the name of a resource, or text with ARNs inside."""
        return intrinsic(self._names.get(local) or self.text(local))

    def value(self, local: Any) -> Any:
        """A copy of a structure, with references in place of local ARNs."""
        if isinstance(local, Mapping):
            return {key: self.value(each) for key, each in local.items()}
        if isinstance(local, Sequence) and not isinstance(local, str):
            return [self.value(each) for each in local]
        if not isinstance(local, str):
            return local
        return intrinsic(self.text(local))

    def _texts_of(self, application: Application) -> Iterator[tuple[str, str]]:
        for function in (*application.functions, *application.later):
            yield function_arn(function.name), f"${{{logical_id(function.name, 'Function')}.Arn}}"
        for machine in application.state_machines:
            yield state_machine_arn(machine.name), self.machine_arn(machine.name)
        for table in application.tables:
            yield table_arn(table.name), f"${{{logical_id(table.name, 'Table')}.Arn}}"
        for bucket in application.buckets:
            yield bucket_arn(bucket), "arn:${AWS::Partition}:s3:::" + self.bucket_name(bucket)
        for topic in application.topics:
            yield topic_arn(topic), f"${{{logical_id(topic, 'Topic')}}}"
        for queue in application.queues:
            yield queue_arn(queue), f"${{{logical_id(queue, 'Queue')}.Arn}}"
            yield queue_url(queue), f"${{{logical_id(queue, 'Queue')}}}"
        for parameter in application.parameters:
            arn = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter"
            yield parameter_arn(parameter), arn + self.path_name(parameter)
        for secret in application.secrets:
            yield secret_arn(secret), f"${{{logical_id(secret, 'Secret')}}}"
        for role in application.service_roles:
            yield f"arn:aws:iam::{ACCOUNT}:role/{role.name}", f"${{{logical_id(role.name, 'Role')}.Arn}}"
        for api in apis_of(application):
            host = f"${{{logical_id(api, 'Api')}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"
            yield f"http://{api_host(api)}", f"https://{host}"
        for rule in application.mail_rules:
            yield rule.domain, "${MailDomain}"

    def _names_of(self, application: Application) -> Iterator[tuple[str, str]]:
        for function in application.functions:
            yield function.name, f"${{{logical_id(function.name, 'Function')}}}"
        for table in application.tables:
            yield table.name, f"${{{logical_id(table.name, 'Table')}}}"
        for bucket in application.buckets:
            yield bucket, self.bucket_name(bucket)
        for parameter in application.parameters:
            yield parameter, f"${{{logical_id(parameter, 'Parameter')}}}"
        for secret in application.secrets:
            yield secret, f"${{{logical_id(secret, 'Secret')}}}"


def apis_of(application: Application) -> list[str]:
    """The names of an application's REST APIs."""
    of_functions = [route.api for route in application.routes]
    of_tables = [route.api for route in application.table_routes]
    return list(dict.fromkeys(of_functions + of_tables))
