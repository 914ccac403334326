"""What the hooks into moto's time rely on."""

from coldtrail_testbed.cloud.deployment import Clients

from ..conftest import START


def test_objects_are_as_old_as_the_virtual_time_says(client: Clients) -> None:
    client("s3").put_object(Bucket="files", Key="k", Body=b"b")
    [entry] = client("s3").list_objects_v2(Bucket="files")["Contents"]
    assert entry["LastModified"].timestamp() == START
