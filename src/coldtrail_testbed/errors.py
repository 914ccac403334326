"""The error of the testbed."""


class TestbedError(Exception):
    """A recording cannot be made: one sentence says why and what to do about it."""

    __test__ = False
