"""profiler: chooses the encoding profile by the height of the video."""

from typing import Any

from coldtrail_testbed.applications.vod.handlers import assets
from coldtrail_testbed.applications.vod.handlers.configuration import read_setting, throttle
from coldtrail_testbed.applications.vod.handlers.reporting import reporting
from coldtrail_testbed.applications.vod.handlers.tracing import traced

PROFILES = (2160, 1080, 720)


def check_settings() -> tuple[int, int]:
    """The highest profile and the quality level; raises when this attempt is throttled."""
    failure_share = read_setting("profiler", "failureShare")
    highest = int(read_setting("profiler", "highestProfile"))
    quality = int(read_setting("profiler", "qualityLevel"))
    throttle(failure_share)
    return highest, quality


def read_asset(guid: str) -> dict[str, Any]:
    """The stored asset."""
    return assets.read_asset(guid)


def choose_profile(height: int, highest: int) -> int:
    """The highest allowed profile that does not enlarge the video, or the lowest of all."""
    fitting = [profile for profile in PROFILES if profile <= min(height, highest)]
    return fitting[0] if fitting else PROFILES[-1]


@traced("## profiler")
def profile_asset(guid: str, highest: int, quality: int) -> dict[str, Any]:
    """The asset with its encoding profile."""
    asset = read_asset(guid)
    profile = choose_profile(asset["srcMediainfo"]["height"], highest)
    return {**asset, "encodingProfile": profile, "qualityLevel": quality}


@reporting("profiler")
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The asset with its encoding profile."""
    highest, quality = check_settings()
    return profile_asset(event["guid"], highest, quality)
