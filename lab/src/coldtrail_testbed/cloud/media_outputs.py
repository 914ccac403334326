"""What a MediaConvert job writes: the objects of its output groups, and how its last event tells of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

# The containers of "Supported input formats" in the MediaConvert user guide, by their usual extensions.
PROCESSABLE = frozenset(
    (
        "3gp",
        "asf",
        "avi",
        "flv",
        "f4v",
        "gif",
        "m2t",
        "m2ts",
        "m2v",
        "m4v",
        "mkv",
        "mov",
        "mp4",
        "mpeg",
        "mpg",
        "mts",
        "mxf",
        "ogv",
        "ts",
        "vob",
        "webm",
        "wmv",
    )
)
_RENDITIONS = ({"nameModifier": "_720p"}, {"nameModifier": "_360p"})
_HEIGHTS = {"_1080p": 1080, "_720p": 720, "_540p": 540, "_360p": 360}


@dataclass(frozen=True)
class OutputObject:
    """An object that a job writes."""

    bucket: str
    key: str
    content: bytes


@dataclass(frozen=True)
class GroupOutput:
    """The objects of one output group, and its entry in `outputGroupDetails`."""

    objects: Sequence[OutputObject]
    details: Mapping[str, Any]


def is_processable(key: str) -> bool:
    """Whether MediaConvert can open the object `key`, as far as its extension tells."""
    return PurePosixPath(key).suffix.removeprefix(".").lower() in PROCESSABLE


def split_address(address: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`."""
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return bucket, key


def outputs_of(settings: Mapping[str, Any], duration_ms: int) -> list[GroupOutput]:
    """The outputs of each group of a job's settings (user guide, "Output file names and paths")."""
    _, source = split_address(settings["inputs"][0]["fileInput"])
    return [_group_output(group, source, duration_ms) for group in settings.get("outputGroups", ())]


def _group_output(group: Mapping[str, Any], source: str, duration_ms: int) -> GroupOutput:
    chosen = group["outputGroupSettings"]
    kind = chosen.get("type", "FILE_GROUP_SETTINGS")
    options = next((value for value in chosen.values() if isinstance(value, dict)), {})
    bucket, base = split_address(options["destination"])
    if base.endswith("/") or not base:
        base += PurePosixPath(source).stem
    outputs = group.get("outputs") or _RENDITIONS
    if kind == "HLS_GROUP_SETTINGS":
        return _playlists(bucket, base, outputs, duration_ms)
    return _files(bucket, base, outputs, duration_ms)


def _playlists(bucket: str, base: str, outputs: Sequence[Mapping[str, Any]], duration_ms: int) -> GroupOutput:
    names = [f"{base}{output.get('nameModifier', '')}" for output in outputs]
    main = OutputObject(bucket, f"{base}.m3u8", _playlist(f"{name}.m3u8" for name in names))
    objects = [main]
    for name in names:
        segment = f"{name}_00001.ts"
        objects.append(OutputObject(bucket, segment, b"G" + segment.encode().ljust(187, b"\xff")))
        objects.append(OutputObject(bucket, f"{name}.m3u8", _playlist([segment])))
    details = [
        _output_details(output, f"s3://{bucket}/{name}.m3u8", duration_ms)
        for output, name in zip(outputs, names, strict=True)
    ]
    playlists = [f"s3://{bucket}/{main.key}"]
    return GroupOutput(
        objects, {"outputDetails": details, "playlistFilePaths": playlists, "type": "HLS_GROUP"}
    )


def _files(bucket: str, base: str, outputs: Sequence[Mapping[str, Any]], duration_ms: int) -> GroupOutput:
    objects, details = [], []
    for output in outputs:
        extension = output.get("containerSettings", {}).get("container", "MP4").lower()
        key = f"{base}{output.get('nameModifier', '')}.{extension}"
        objects.append(OutputObject(bucket, key, key.encode().ljust(256, b"\0")))
        details.append(_output_details(output, f"s3://{bucket}/{key}", duration_ms))
    return GroupOutput(objects, {"outputDetails": details, "type": "FILE_GROUP"})


def _playlist(entries: Sequence[str] | Iterator[str]) -> bytes:
    return "\n".join(["#EXTM3U", "#EXT-X-VERSION:3", *entries, ""]).encode()


def _output_details(output: Mapping[str, Any], path: str, duration_ms: int) -> dict[str, Any]:
    video = output.get("videoDescription", {})
    height = video.get("height") or _HEIGHTS.get(output.get("nameModifier", ""), 720)
    size = {"widthInPx": video.get("width") or height * 16 // 9, "heightInPx": height}
    return {"outputFilePaths": [path], "durationInMs": duration_ms, "videoDetails": size}
