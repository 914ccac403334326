"""A local cloud that holds some history."""

from tests.sources.aws.conftest import endpoint, faults, moto

__all__ = ("endpoint", "faults", "moto")
