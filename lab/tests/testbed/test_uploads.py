from coldtrail_testbed.applications.model import BucketNotification
from coldtrail_testbed.cloud.rest_client import Sender

from .small_cloud import events_of, small_application, small_cloud

_APPLICATION = small_application(
    "Watch", buckets=["films"], bucket_notifications=[BucketNotification("films", "Watch")]
)


def test_uploads_come_from_their_user() -> None:
    with small_cloud(_APPLICATION) as cloud:
        cloud._uploader.upload(Sender("203.0.113.77", "Browser/1"), "films", "a", b"1")
        cloud.settle()
        [event] = events_of(cloud, "Watch")
        [call] = [call for call in cloud.take_facts().calls if call.caller.name == "uploader"]
    assert event["Records"][0]["requestParameters"] == {"sourceIPAddress": "203.0.113.77"}
    assert event["Records"][0]["userIdentity"]["principalId"].startswith("AWS:AIDA")
    assert (call.operation, call.caller.address, call.caller.user_agent) == (
        "PutObject",
        "203.0.113.77",
        "Browser/1",
    )
