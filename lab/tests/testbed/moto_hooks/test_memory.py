"""What the hook into moto's memory relies on."""

from typing import Any

from moto.dynamodb.models.dynamo_type import Item
from moto.s3.models import FakeKey

from coldtrail_testbed.cloud.deployment import Clients


def _tracked(kind: Any) -> int:
    return len(kind.instances_tracked)


def test_moto_remembers_only_what_it_closes_later(client: Clients) -> None:
    items, objects = _tracked(Item), _tracked(FakeKey)
    for number in range(3):
        client("dynamodb").put_item(TableName="Things", Item={"id": {"S": str(number)}})
        client("s3").put_object(Bucket="files", Key=str(number), Body=b"frames")
    assert (_tracked(Item), _tracked(FakeKey)) == (items, objects + 3)
    assert client("dynamodb").scan(TableName="Things")["Count"] == 3
