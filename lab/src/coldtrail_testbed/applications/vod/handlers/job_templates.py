"""The application's job templates: HTTP live streaming in a few sizes (MediaConvert API, "JobTemplates")."""

from typing import Any

_BITRATES = {2160: 15_000_000, 1080: 8_500_000, 720: 5_000_000, 540: 3_500_000, 360: 1_500_000}
_RENDITIONS = {2160: (2160, 1080), 1080: (1080, 540), 720: (720, 360)}


def template_settings(name: str) -> dict[str, Any]:
    """The settings of the job template called `name`, such as `vod-1080p`."""
    profile = int(name.rpartition("-")[2].removesuffix("p"))
    return {
        "OutputGroups": [
            {
                "Name": "Apple HLS",
                "OutputGroupSettings": {
                    "Type": "HLS_GROUP_SETTINGS",
                    "HlsGroupSettings": {"SegmentLength": 5, "MinSegmentLength": 0},
                },
                "Outputs": [_rendition(height) for height in _RENDITIONS[profile]],
            }
        ]
    }


def _rendition(height: int) -> dict[str, Any]:
    picture = {
        "RateControlMode": "QVBR",
        "MaxBitrate": _BITRATES[height],
        "GopSize": 2,
        "GopSizeUnits": "SECONDS",
    }
    sound = {"Bitrate": 96_000, "CodingMode": "CODING_MODE_2_0", "SampleRate": 48_000}
    return {
        "NameModifier": f"_{height}p",
        "ContainerSettings": {"Container": "M3U8"},
        "VideoDescription": {
            "Width": height * 16 // 9,
            "Height": height,
            "CodecSettings": {"Codec": "H_264", "H264Settings": picture},
        },
        "AudioDescriptions": [
            {"AudioSourceName": "Audio Selector 1", "CodecSettings": {"Codec": "AAC", "AacSettings": sound}}
        ],
    }
