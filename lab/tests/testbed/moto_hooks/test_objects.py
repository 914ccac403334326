"""What the hook into buckets relies on."""

import hashlib

from coldtrail_testbed.cloud.deployment import Clients
from coldtrail_testbed.cloud.event_bodies import ObjectChange

from .things import Events


def test_buckets_tell_functions_about_the_objects_that_match(client: Clients, events: Events) -> None:
    for key in ("in/a film.mp4", "in/a film.txt", "out/a film.mp4"):
        client("s3").put_object(Bucket="files", Key=key, Body=b"frames")
    md5 = hashlib.md5(b"frames", usedforsecurity=False).hexdigest()
    change = ObjectChange("ObjectCreated:Put", "Worker-0", "files", "in/a film.mp4", 6, md5)
    assert events.changes == [("Worker", change)]
