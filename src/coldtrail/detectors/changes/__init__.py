"""Changes of functions: who made them, whether he usually does, and what they open."""

from coldtrail.detectors.changes.detector import ChangesDetector as ChangesDetector
