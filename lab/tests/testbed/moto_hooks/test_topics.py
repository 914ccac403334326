"""What the hooks into topics rely on."""

from moto.sns.models import sns_backends

from coldtrail_testbed.cloud.deployment import Clients
from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION, topic_arn

from .things import Events, publish


def test_messages_reach_functions_as_sns_sends_them(client: Clients, events: Events) -> None:
    publish(client, "bad")
    publish(client, "good")
    [(function, message)] = events.messages
    assert function == "Worker"
    assert (message.text, message.subject, message.topic_arn) == ("m", "s", topic_arn("News"))
    assert message.attributes == {"kind": {"Type": "String", "Value": "good"}}


def test_topics_forget_what_was_published(client: Clients) -> None:
    publish(client, "good")
    topic = sns_backends[ACCOUNT][REGION].topics[topic_arn("News")]
    assert topic.sent_notifications == []
