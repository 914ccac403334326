import pytest

from coldtrail_testbed.cloud.media_outputs import is_processable, outputs_of


def _settings(kind: str, name: str, destination: str, outputs: list[dict[str, object]]) -> dict[str, object]:
    settings = {"type": f"{kind}_GROUP_SETTINGS", name: {"destination": destination}}
    group = {"outputGroupSettings": settings, "outputs": outputs}
    return {"inputs": [{"fileInput": "s3://films/in/a.b.mp4"}], "outputGroups": [group]}


@pytest.mark.parametrize(("key", "expected"), [("in/a.MP4", True), ("a.xyz", False), ("mp4", False)])
def test_the_extension_tells_what_can_be_processed(key: str, expected: bool) -> None:
    assert is_processable(key) is expected


def test_files_are_named_by_destination_and_modifier() -> None:
    outputs: list[dict[str, object]] = [{"nameModifier": "_x", "containerSettings": {"container": "MOV"}}, {}]
    [group] = outputs_of(_settings("FILE", "fileGroupSettings", "s3://shop/1/main", outputs), 5)
    assert [made.key for made in group.objects] == ["1/main_x.mov", "1/main.mp4"]
    assert group.details["type"] == "FILE_GROUP"
    assert "playlistFilePaths" not in group.details


def test_playlists_name_their_parts() -> None:
    [group] = outputs_of(_settings("HLS", "hlsGroupSettings", "s3://shop/1/", [{"nameModifier": "_x"}]), 5)
    main, segment, part = group.objects
    assert [main.key, segment.key, part.key] == ["1/a.b.m3u8", "1/a.b_x_00001.ts", "1/a.b_x.m3u8"]
    assert part.key.encode() in main.content
    assert segment.key.encode() in part.content
    assert group.details["outputDetails"][0]["durationInMs"] == 5
