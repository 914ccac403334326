"""What functions use (time, memory, processor, `/tmp`, bytes): its level, its drift, and what it costs."""

from coldtrail.detectors.resources.detector import ResourceDetector

__all__ = ["ResourceDetector"]
