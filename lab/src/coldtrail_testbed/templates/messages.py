"""Topics, queues and incoming mail of a template."""

from coldtrail_testbed.applications.model import Application, MailRule, QueueSubscription
from coldtrail_testbed.templates.references import Document, References, intrinsic, logical_id

_RULE_SET = "ReceiptRuleSet"
_VERSION = "2012-10-17"


def message_resources(application: Application, references: References) -> Document:
    """The resources that take and pass on messages."""
    resources: Document = {}
    for topic in application.topics:
        traced = {"TopicName": intrinsic(references.own_name(topic)), "TracingConfig": "Active"}
        resources[logical_id(topic, "Topic")] = {"Type": "AWS::SNS::Topic", "Properties": traced}
    for queue in application.queues:
        encrypted = {"QueueName": intrinsic(references.own_name(queue)), "SqsManagedSseEnabled": True}
        resources[logical_id(queue, "Queue")] = _deleted("AWS::SQS::Queue", encrypted)
    for subscription in application.queue_subscriptions:
        name = f"{subscription.topic}-{subscription.queue}"
        resources[logical_id(name, "Subscription")] = _subscription(subscription)
        resources[logical_id(subscription.queue, "QueuePolicy")] = _queue_policy(subscription)
    return resources | _mail(application, references)


def _deleted(kind: str, properties: Document) -> Document:
    policies = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}
    return {"Type": kind, **policies, "Properties": properties}


def _subscription(subscription: QueueSubscription) -> Document:
    queue = logical_id(subscription.queue, "Queue")
    properties: Document = {
        "TopicArn": {"Ref": logical_id(subscription.topic, "Topic")},
        "Protocol": "sqs",
        "Endpoint": {"Fn::GetAtt": [queue, "Arn"]},
    }
    if subscription.filter_policy:
        properties["FilterPolicy"] = {
            name: list(values) for name, values in subscription.filter_policy.items()
        }
    return {"Type": "AWS::SNS::Subscription", "Properties": properties}


def _queue_policy(subscription: QueueSubscription) -> Document:
    queue = logical_id(subscription.queue, "Queue")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": ["sqs:SendMessage"],
        "Resource": {"Fn::GetAtt": [queue, "Arn"]},
        "Condition": {"ArnEquals": {"aws:SourceArn": {"Ref": logical_id(subscription.topic, "Topic")}}},
    }
    document = {"Version": _VERSION, "Statement": [statement]}
    properties = {"Queues": [{"Ref": queue}], "PolicyDocument": document}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}


def _mail(application: Application, references: References) -> Document:
    """SES receipt rules, and the bucket policies that let SES store mail; only where a domain is given."""
    resources: Document = {}
    if application.mail_rules:
        name = {"RuleSetName": intrinsic(references.own_name("mail"))}
        resources[_RULE_SET] = _with_mail("AWS::SES::ReceiptRuleSet", name)
    for rule in application.mail_rules:
        resources[logical_id(rule.bucket, "MailPolicy")] = _mail_policy(rule)
        resources[logical_id(rule.bucket, "MailRule")] = _mail_rule(rule)
    return resources


def _with_mail(kind: str, properties: Document) -> Document:
    return {"Type": kind, "Condition": "WithMail", "Properties": properties}


def _mail_policy(rule: MailRule) -> Document:
    bucket = logical_id(rule.bucket, "Bucket")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": intrinsic(f"${{{bucket}.Arn}}/{rule.prefix}*"),
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }
    document = {"Version": _VERSION, "Statement": [statement]}
    return _with_mail("AWS::S3::BucketPolicy", {"Bucket": {"Ref": bucket}, "PolicyDocument": document})


def _mail_rule(rule: MailRule) -> Document:
    store = {"BucketName": {"Ref": logical_id(rule.bucket, "Bucket")}, "ObjectKeyPrefix": rule.prefix}
    properties = {
        "RuleSetName": {"Ref": _RULE_SET},
        "Rule": {
            "Enabled": True,
            "ScanEnabled": True,
            "Recipients": [{"Ref": "MailDomain"}],
            "Actions": [{"S3Action": store}],
        },
    }
    resource = _with_mail("AWS::SES::ReceiptRule", properties)
    return {**resource, "DependsOn": [logical_id(rule.bucket, "MailPolicy")]}
