"""The errors of the testbed."""


class TestbedError(Exception):
    """A recording cannot be made: one sentence says why and what to do about it."""

    __test__ = False


class RunFailedError(TestbedError):
    """A recording failed although what was asked for is right: no room, or a part that broke."""
