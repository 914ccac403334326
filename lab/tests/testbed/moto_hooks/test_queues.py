"""What the hooks into queues rely on."""

import hashlib
import json

from coldtrail_testbed.cloud.deployment import Clients
from coldtrail_testbed.cloud.identifiers import (
    queue_url,
    topic_arn,
)
from coldtrail_testbed.cloud.moto_hooks import take_messages

from ..conftest import START
from .things import Events, publish


def test_queues_tell_of_their_messages_and_lose_those_taken(client: Clients, events: Events) -> None:
    publish(client, "bad")
    publish(client, "good")
    client("sqs").send_message(QueueUrl=queue_url("Jobs"), MessageBody="own")
    assert events.polls == [("Jobs", "Worker", 5)] * 2
    first, second = take_messages("Jobs", 5)
    assert take_messages("Jobs", 5) == []
    notification = json.loads(first.body)
    assert (notification["Message"], notification["TopicArn"]) == ("m", topic_arn("News"))
    assert (second.body, second.sent, second.trace_header) == ("own", START, "Root=1-2-3")
    assert second.md5 == hashlib.md5(b"own", usedforsecurity=False).hexdigest()
