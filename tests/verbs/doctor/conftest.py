"""A local cloud for what `doctor` asks."""

from tests.sources.aws.conftest import endpoint, faults, moto

__all__ = ("endpoint", "faults", "moto")
