"""The functions of a template, each with its own role and the events that wake it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from coldtrail_testbed.applications.model import Application, Function, Grant
from coldtrail_testbed.templates.references import Document, References, intrinsic, logical_id
from coldtrail_testbed.templates.source_code import variables_of

CODE_FOLDER = "code"
GLOBALS: Document = {
    "Function": {
        "Runtime": "python3.13",
        "Architectures": ["x86_64"],
        "CodeUri": f"{CODE_FOLDER}/",
        "Tracing": "Active",
        "LoggingConfig": {"LogFormat": {"Ref": "LogFormat"}},
    }
}


def function_resources(application: Application, references: References) -> Document:
    """The resources of all functions, the later ones under a condition."""
    resources = {
        logical_id(function.name, "Function"): _function(application, function, references)
        for function in (*application.functions, *application.later)
    }
    for function in application.later:
        resources[logical_id(function.name, "Function")]["Condition"] = "WithLaterFunctions"
    return resources


def policies(grants: Sequence[Grant], references: References) -> Document:
    """A policy that allows the grants and nothing else, under the property's name; empty without grants."""
    statements = [
        {"Effect": "Allow", "Action": list(grant.actions), "Resource": references.value(grant.resource)}
        for grant in grants
    ]
    return {"Policies": [{"Version": "2012-10-17", "Statement": statements}]} if statements else {}


def _function(application: Application, function: Function, references: References) -> Document:
    release = application.releases.get(function.name)
    read = variables_of(function.handler) | (variables_of(release) if release else set())
    variables = {
        name: references.named(value) for name, value in application.variables.items() if name in read
    }
    events = dict(_events(application, function.name, references))
    properties: Document = {
        "FunctionName": intrinsic(references.own_name(function.name)),
        "Handler": {"Fn::If": ["WithReleases", release, function.handler]} if release else function.handler,
        "MemorySize": function.memory_mb,
        "Timeout": int(function.timeout_s),
        **({"Environment": {"Variables": variables}} if variables else {}),
        **policies(function.grants, references),
        **({"Events": events} if events else {}),
    }
    return {"Type": "AWS::Serverless::Function", "Properties": properties}


def _events(application: Application, function: str, references: References) -> Iterator[tuple[str, Any]]:
    """SAM's event sources of one function, but for REST routes, which the APIs' definitions hold."""
    for subscription in application.subscriptions:
        if subscription.function == function:
            topic: Document = {"Topic": {"Ref": logical_id(subscription.topic, "Topic")}}
            if subscription.filter_policy:
                topic["FilterPolicy"] = references.value(subscription.filter_policy)
            yield logical_id(subscription.topic, "Message"), {"Type": "SNS", "Properties": topic}
    for consumer in application.queue_consumers:
        if consumer.function == function:
            queue = {"Fn::GetAtt": [logical_id(consumer.queue, "Queue"), "Arn"]}
            batch = {"Queue": queue, "BatchSize": consumer.batch_size}
            yield logical_id(consumer.queue, "Message"), {"Type": "SQS", "Properties": batch}
    for upload in application.bucket_notifications:
        if upload.function == function:
            bucket: Document = {"Bucket": {"Ref": logical_id(upload.bucket, "Bucket")}}
            bucket["Events"] = "s3:ObjectCreated:*"
            rules = [("prefix", upload.prefix), ("suffix", upload.suffix)]
            named = [{"Name": name, "Value": value} for name, value in rules if value]
            if named:
                bucket["Filter"] = {"S3Key": {"Rules": named}}
            yield logical_id(upload.bucket, "Upload"), {"Type": "S3", "Properties": bucket}
    for schedule in application.schedules:
        if schedule.function == function:
            timed = {"Schedule": rate(schedule.rate_s), "Input": json.dumps(schedule.input)}
            yield logical_id(schedule.name, "Schedule"), {"Type": "Schedule", "Properties": timed}
    for rule in application.event_rules:
        if rule.function == function:
            pattern = {"Pattern": references.value(rule.pattern)}
            yield logical_id(rule.name, "Rule"), {"Type": "EventBridgeRule", "Properties": pattern}


def rate(seconds: int) -> str:
    """EventBridge's rate expression of so many seconds, in whole minutes."""
    minutes = seconds // 60
    return f"rate({minutes} minute{'s' if minutes > 1 else ''})"
