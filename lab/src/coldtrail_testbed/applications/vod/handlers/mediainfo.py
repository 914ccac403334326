"""mediainfo: probes the video by reading its first bytes, and its last ones where the index lies there."""

from typing import Any

from coldtrail_testbed.applications.vod.handlers.configuration import read_setting, throttle
from coldtrail_testbed.applications.vod.handlers.movie import index_of, read_index
from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import traced

import boto3  # isort: skip

_s3 = boto3.client("s3")
_PROBE_BYTES = 2048


class UnreadableVideoException(Exception):  # noqa: N818 - named as in the traces of other functions
    """The object is not a video that can be probed."""


def _read(bucket: str, key: str, span: str) -> bytes:
    content: bytes = _s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={span}")["Body"].read()
    return content


@traced("## mediainfo")
def probe(bucket: str, key: str) -> dict[str, Any]:
    """What the video's index says of it."""
    size = _s3.head_object(Bucket=bucket, Key=key)["ContentLength"]
    index = index_of(_read(bucket, key, f"0-{min(_PROBE_BYTES, size) - 1}"))
    if index is None and size > _PROBE_BYTES:
        index = index_of(_read(bucket, key, f"{size - _PROBE_BYTES}-{size - 1}"))
    if index is None:
        raise UnreadableVideoException("the video has no index")
    movie = read_index(index)
    return {
        "format": key.rpartition(".")[2],
        "fileSize": size,
        "width": movie.width,
        "height": movie.height,
        "durationMs": movie.duration_ms,
    }


@reporting("mediainfo")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The asset with its media information."""
    throttle(read_setting("mediainfo", "failureShare"))
    return {**event, "srcMediainfo": probe(event["srcBucket"], event["srcVideo"])}
