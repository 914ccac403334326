"""SNS: what subscribed functions and queues get."""

from collections.abc import Callable
from typing import Any

from moto.sns.models import Subscription, Topic
from moto.sqs.models import sqs_backends

from coldtrail_testbed.cloud.event_bodies import TopicMessage, topic_notification
from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION, function_of
from coldtrail_testbed.cloud.moto_hooks.events import CloudEvents
from coldtrail_testbed.cloud.moto_hooks.replacing import Replace


def install(replace: Replace, events: CloudEvents) -> None:
    """None; messages reach functions and queues as SNS sends them, and are forgotten."""
    replace(Subscription, "publish", _publish(events, Subscription.publish))
    replace(Topic, "publish", _forgetful(Topic.publish))


def _publish(events: CloudEvents, original: Callable[..., None]) -> Callable[..., None]:
    """Moto tells functions neither attributes nor topic, and signs for queues: send what SNS sends."""

    def publish(subscription: Any, message: str, message_id: str, **options: Any) -> None:
        if subscription.protocol not in ("lambda", "sqs"):
            original(subscription, message, message_id, **options)
            return
        attributes = options.get("message_attributes")
        matcher = subscription._filter_policy_matcher
        if matcher is None or matcher.matches(attributes, message):
            topic, subject = subscription.topic.arn, options.get("subject")
            sent = TopicMessage(topic, subscription.arn, message_id, message, subject, attributes or {})
            if subscription.protocol == "sqs":
                queue = subscription.endpoint.rpartition(":")[2]
                sqs_backends[ACCOUNT][REGION].send_message(queue, topic_notification(sent, events.now()))
            else:
                events.message_published(function_of(subscription.endpoint), sent)

    return publish


def _forgetful(original: Callable[..., str]) -> Callable[..., str]:
    """Moto keeps every message that was ever published: memory must stay flat."""

    def publish(topic: Any, *arguments: Any, **options: Any) -> str:
        message_id = original(topic, *arguments, **options)
        topic.sent_notifications.clear()
        return message_id

    return publish
