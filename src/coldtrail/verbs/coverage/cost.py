"""What telemetry costs a month, if all months were as busy as the time that it is of.

Prices of us-east-1 in US dollars as of 2026-11-30, without what is free each month and without what storing
and reading costs: https://aws.amazon.com/xray/pricing/, https://aws.amazon.com/cloudtrail/pricing/ and
https://aws.amazon.com/cloudwatch/pricing/.
"""

from __future__ import annotations

from msgspec import Struct

MONTH_S = 30 * 86_400.0
PRICES_OF = "us-east-1, 2026-11-30"
A_TRACE = 5.0 / 1_000_000
"""Recorded by X-Ray."""
A_DATA_EVENT = 0.10 / 100_000
"""Delivered by CloudTrail to a trail."""
A_LOG_BYTE = 0.50 / 1_000_000_000
"""Taken in by CloudWatch Logs."""
LEAST_S = 60.0
"""No month is told from less."""


class Cost(Struct, frozen=True):
    """US dollars a month, at the pace of the telemetry."""

    seconds: float
    """From the first to the last that is told, from which the month is taken."""
    traces: float
    data_events: float
    logs: float
    """Of the reports that are here; functions write more into the same logs."""
    prices: str = PRICES_OF
    span_bytes: float = 0.0
    """Of `aws/spans`, whose price a byte is not known here, so that it is in no sum."""

    @property
    def total(self) -> float:
        """All of it."""
        return self.traces + self.data_events + self.logs


class Volume(Struct):
    """What is paid for."""

    traces: int = 0
    data_events: int = 0
    log_bytes: int = 0
    span_bytes: int = 0


def cost_of(volume: Volume, seconds: float) -> Cost | None:
    """What as much costs a month; None where the time is too short to tell, or nothing is paid for."""
    months = seconds / MONTH_S
    if seconds < LEAST_S or not any((volume.traces, volume.data_events, volume.log_bytes, volume.span_bytes)):
        return None
    return Cost(
        seconds,
        volume.traces * A_TRACE / months,
        volume.data_events * A_DATA_EVENT / months,
        volume.log_bytes * A_LOG_BYTE / months,
        span_bytes=volume.span_bytes / months,
    )
