"""Jobs of MediaConvert, started by real functions and told by real events."""

from collections.abc import Iterator
from typing import Any

import pytest

from coldtrail_testbed.applications.model import BucketNotification, EventRule
from coldtrail_testbed.cloud.local_cloud import LocalCloud

from .small_cloud import ask, events_of, small_application, small_cloud

_RULES = [
    EventRule(name, {"source": ["aws.mediaconvert"], "detail": {"status": [name.upper()]}}, function)
    for name, function in (("Complete", "Publish"), ("Error", "Report"))
]
_APPLICATION = small_application(
    "Publish",
    "Report",
    "Watch",
    buckets=["films", "shop"],
    bucket_notifications=[BucketNotification("shop", "Watch", "1/", ".m3u8")],
    event_rules=_RULES,
)


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    with small_cloud(_APPLICATION) as cloud:
        yield cloud


def _convert(cloud: LocalCloud, key: str, *, size: int = 1000, upload: bool = True) -> dict[str, Any]:
    if upload:
        cloud.upload("films", key, b"f" * size)
    group = {
        "OutputGroupSettings": {
            "Type": "HLS_GROUP_SETTINGS",
            "HlsGroupSettings": {"Destination": "s3://shop/1/"},
        }
    }
    settings = {"Inputs": [{"FileInput": f"s3://films/{key}"}], "OutputGroups": [group]}
    parameters = {"Role": "arn:r", "UserMetadata": {"guid": "1"}, "Settings": settings}
    [answer] = ask(cloud, ("mediaconvert", "create_job", parameters))
    job: dict[str, Any] = answer["Job"]
    return job


def test_a_finished_job_has_written_its_outputs_and_tells_where(cloud: LocalCloud) -> None:
    job = _convert(cloud, "a film.mp4")
    [event] = events_of(cloud, "Publish")
    detail = event["detail"]
    assert (event["source"], event["detail-type"]) == ("aws.mediaconvert", "MediaConvert Job State Change")
    assert event["resources"] == [job["Arn"]]
    assert (detail["jobId"], detail["status"], detail["userMetadata"]) == (
        job["Id"],
        "COMPLETE",
        {"guid": "1"},
    )
    [group] = detail["outputGroupDetails"]
    assert (group["type"], group["playlistFilePaths"]) == ("HLS_GROUP", ["s3://shop/1/a film.m3u8"])
    keys = [entry["Key"] for entry in cloud.client("s3").list_objects_v2(Bucket="shop")["Contents"]]
    told = [path for output in group["outputDetails"] for path in output["outputFilePaths"]]
    assert {path.removeprefix("s3://shop/") for path in told} < set(keys)
    assert len(events_of(cloud, "Watch")) == len([key for key in keys if key.endswith(".m3u8")]) == 3


def test_the_end_of_a_job_starts_a_new_trace(cloud: LocalCloud) -> None:
    started = cloud.now()
    _convert(cloud, "a.mp4")
    traces = cloud.take_traces()
    woken = [
        segment
        for trace in traces
        for segment in trace["segments"]
        if (segment["name"], segment["origin"]) == ("Publish", "AWS::Lambda")
    ]
    assert ["parent_id" in segment for segment in woken] == [False]
    assert 120 < woken[0]["start_time"] - started < 760
    front = next(part for part in traces[0]["segments"] if part["origin"] == "AWS::Lambda::Function")
    assert "mediaconvert" in str(front["subsegments"])


@pytest.mark.parametrize(("key", "upload", "code"), [("a.xyz", True, 1404), ("gone.mp4", False, 1401)])
def test_inputs_that_cannot_be_opened_end_with_an_error(
    cloud: LocalCloud, key: str, upload: bool, code: int
) -> None:
    started = cloud.now()
    job = _convert(cloud, key, upload=upload)
    [event] = events_of(cloud, "Report")
    assert 9 < event["detail"]["timestamp"] / 1000 - started < 60
    assert (event["detail"]["jobId"], event["detail"]["errorCode"]) == (job["Id"], code)
    assert f"s3://films/{key}" in event["detail"]["errorMessage"]
    [answer] = ask(cloud, ("mediaconvert", "get_job", {"Id": job["Id"]}))
    assert (answer["Job"]["Status"], answer["Job"]["ErrorCode"]) == ("ERROR", code)
    assert answer["Job"]["ErrorMessage"] == event["detail"]["errorMessage"]
    assert events_of(cloud, "Publish") == []


def test_the_service_reads_and_writes_as_itself(cloud: LocalCloud) -> None:
    _convert(cloud, "a.mp4")
    calls = [call for call in cloud.take_facts().calls if call.caller.name == "mediaconvert.amazonaws.com"]
    assert [call.operation for call in calls] == ["HeadObject", "GetObject"] + ["PutObject"] * 5


def test_templates_are_kept(cloud: LocalCloud) -> None:
    template = {"Name": "Small", "Category": "VOD", "Settings": {"OutputGroups": []}}
    answers = ask(
        cloud,
        ("mediaconvert", "describe_endpoints", {}),
        ("mediaconvert", "create_job_template", template),
        ("mediaconvert", "list_job_templates", {"Category": "VOD"}),
        ("mediaconvert", "get_job_template", {"Name": "Small"}),
    )
    assert answers[0]["Endpoints"][0]["Url"].startswith("https://mediaconvert.")
    assert [entry["Name"] for entry in answers[2]["JobTemplates"]] == ["Small"]
    assert answers[3]["JobTemplate"] == answers[1]["JobTemplate"]
