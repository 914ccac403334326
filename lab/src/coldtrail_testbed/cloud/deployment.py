"""Puts an application into the local cloud: what CloudFormation would do on AWS."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from coldtrail_testbed.applications.model import (
    Application,
    BucketNotification,
    Function,
    Index,
    MailRule,
    QueueSubscription,
    Subscription,
    Table,
)
from coldtrail_testbed.cloud.clients import local_client
from coldtrail_testbed.cloud.identifiers import ACCOUNT, function_arn, queue_arn, topic_arn

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/testbed"
_TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})

Clients = Callable[[str], Any]


def clients_at(endpoint: str) -> Clients:
    """A maker of boto3 clients for the services at `endpoint`."""

    @cache
    def client(service: str) -> Any:
        return local_client(service, endpoint)

    return client


def deploy(application: Application, client: Clients) -> None:
    """None; everything that `application` consists of exists."""
    client("iam").create_role(RoleName="testbed", AssumeRolePolicyDocument=_TRUST)
    for table in application.tables:
        _create_table(table, client("dynamodb"))
    for bucket in application.buckets:
        client("s3").create_bucket(Bucket=bucket)
    for queue in application.queues:
        client("sqs").create_queue(QueueName=queue)
    for topic in application.topics:
        client("sns").create_topic(Name=topic)
    for name, value in application.secrets.items():
        client("secretsmanager").create_secret(Name=name, SecretString=value)
    for name, value in application.parameters.items():
        client("ssm").put_parameter(Name=name, Value=value, Type="String")
    for function in application.functions:
        create_function(function, client("lambda"))
    for subscription in application.subscriptions:
        _subscribe(subscription, client("sns"))
    for queued in application.queue_subscriptions:
        _subscribe_queue(queued, client("sns"))
    for consumer in application.queue_consumers:
        client("lambda").create_event_source_mapping(
            EventSourceArn=queue_arn(consumer.queue),
            FunctionName=consumer.function,
            BatchSize=consumer.batch_size,
        )
    for bucket, group in _by_bucket(application.bucket_notifications).items():
        _notify(bucket, group, client("s3"))
    if application.mail_rules:
        _receive_mail(application.mail_rules, client("ses"))
    for rule in application.event_rules:
        _put_rule(rule.name, rule.function, client("events"), EventPattern=json.dumps(rule.pattern))
    for schedule in application.schedules:
        _put_rule(
            schedule.name, schedule.function, client("events"), ScheduleExpression=_rate(schedule.rate_s)
        )
    for machine in application.state_machines:
        definition = json.dumps(machine.definition)
        client("stepfunctions").create_state_machine(name=machine.name, definition=definition, roleArn=_ROLE)


def _create_table(table: Table, dynamodb: Any) -> None:
    keys = [(table.hash_key, "HASH")] + ([(table.range_key, "RANGE")] if table.range_key else [])
    attributes = {name for name, _ in keys}
    options: dict[str, Any] = {}
    if table.indexes:
        attributes |= {key for index in table.indexes for key in (index.hash_key, index.range_key)}
        options["GlobalSecondaryIndexes"] = [_index(index) for index in table.indexes]
    dynamodb.create_table(
        TableName=table.name,
        KeySchema=_key_schema(keys),
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in sorted(attributes)],
        BillingMode="PAY_PER_REQUEST",
        **options,
    )
    for item in table.items:
        dynamodb.put_item(TableName=table.name, Item={key: _typed(value) for key, value in item.items()})


def _index(index: Index) -> dict[str, Any]:
    keys = _key_schema([(index.hash_key, "HASH"), (index.range_key, "RANGE")])
    return {"IndexName": index.name, "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}


def _key_schema(keys: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys]


def _typed(value: str | float) -> dict[str, str]:
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def create_function(function: Function, client: Any) -> None:
    """None; `function` exists for the Lambda API at `client`."""
    client.create_function(
        FunctionName=function.name,
        Runtime="python3.11",
        Role=_ROLE,
        Handler=function.handler,
        Code={"ZipFile": _empty_package()},
        TracingConfig={"Mode": "Active"},
        Timeout=int(function.timeout_s),
    )


def _empty_package() -> bytes:
    """A package for moto's bookkeeping; the processes import the handlers from this installation."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr("handler.py", "")
    return content.getvalue()


def _subscribe(subscription: Subscription, sns: Any) -> None:
    sns.subscribe(
        TopicArn=topic_arn(subscription.topic),
        Protocol="lambda",
        Endpoint=function_arn(subscription.function),
        Attributes={"FilterPolicy": json.dumps(subscription.filter_policy)},
    )


def _by_bucket(notifications: Sequence[BucketNotification]) -> dict[str, list[BucketNotification]]:
    groups: dict[str, list[BucketNotification]] = {}
    for notification in notifications:
        groups.setdefault(notification.bucket, []).append(notification)
    return groups


def _notify(bucket: str, notifications: Sequence[BucketNotification], s3: Any) -> None:
    """None; a bucket has one notification configuration: all of its notifications go there at once."""
    configurations = [
        {
            "Id": f"{notification.function}-{number}",
            "LambdaFunctionArn": function_arn(notification.function),
            "Events": ["s3:ObjectCreated:*"],
            **_key_filter(notification),
        }
        for number, notification in enumerate(notifications)
    ]
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": configurations}
    )


def _key_filter(notification: BucketNotification) -> dict[str, Any]:
    values = {"prefix": notification.prefix, "suffix": notification.suffix}
    rules = [{"Name": name, "Value": value} for name, value in values.items() if value]
    return {"Filter": {"Key": {"FilterRules": rules}}} if rules else {}


def _receive_mail(rules: Sequence[MailRule], ses: Any) -> None:
    """None; an account has one active rule set. Who may receive for a domain may also send from it."""
    ses.create_receipt_rule_set(RuleSetName="testbed")
    for rule in rules:
        ses.verify_domain_identity(Domain=rule.domain)
        store = {"S3Action": {"BucketName": rule.bucket, "ObjectKeyPrefix": rule.prefix}}
        name, recipients = rule.domain.replace(".", "-"), [rule.domain]
        stored = {"Name": name, "Enabled": True, "Recipients": recipients, "Actions": [store]}
        ses.create_receipt_rule(RuleSetName="testbed", Rule=stored)
    ses.set_active_receipt_rule_set(RuleSetName="testbed")


def _put_rule(name: str, function: str, events: Any, **trigger: str) -> None:
    events.put_rule(Name=name, State="ENABLED", **trigger)
    events.put_targets(Rule=name, Targets=[{"Id": function, "Arn": function_arn(function)}])


def _rate(seconds: int) -> str:
    minutes = seconds // 60
    return "rate(1 minute)" if minutes == 1 else f"rate({minutes} minutes)"


def _subscribe_queue(subscription: QueueSubscription, sns: Any) -> None:
    policy = subscription.filter_policy
    sns.subscribe(
        TopicArn=topic_arn(subscription.topic),
        Protocol="sqs",
        Endpoint=queue_arn(subscription.queue),
        Attributes={"FilterPolicy": json.dumps(policy)} if policy else {},
    )
