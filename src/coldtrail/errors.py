"""The errors of Coldtrail, split by what the caller does next.

ColdtrailError
├── ConfigError      the settings or the command are wrong: correct them
├── DocumentError    one document is unusable: count it, keep it aside, go on
├── SourceError      telemetry cannot be fetched: try again if `retryable`
├── SpoolFullError   there is no room for what was sent: the sender has to try later
├── StoreError       what the service keeps cannot be read or written: it stops, visibly
├── BundleError      a trained model is missing, damaged or unknown: train again
└── ActionError      a change to the cloud account failed: a person must look

Every message is one sentence that says what is wrong, where, and what to do about it. It may quote input:
what cannot be printed of that is written out, and what is very long is cut in its middle.
"""

_MOST_CHARS = 1_200
_ENDS_CHARS = 500


class ColdtrailError(Exception):
    """The root of all errors that Coldtrail raises on purpose."""

    def __init__(self, message: str) -> None:
        super().__init__(_one_line(message))


def _one_line(text: str) -> str:
    if len(text) > _MOST_CHARS:
        text = f"{text[:_ENDS_CHARS]} … {text[-_ENDS_CHARS:]}"
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


class ConfigError(ColdtrailError):
    """The settings or the command are wrong."""


class DocumentError(ColdtrailError):
    """One document of telemetry is unusable; the others are not affected."""

    format = ""
    """The format that could not read it; empty where it looks like none."""


class SourceError(ColdtrailError):
    """Telemetry cannot be fetched."""

    def __init__(self, message: str, *, retryable: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        """How long the other side asked to be left alone, where it did."""


class SpoolFullError(ColdtrailError):
    """There is no room for what was sent."""


class StoreError(ColdtrailError):
    """What the service keeps cannot be read or written."""


class BundleError(ColdtrailError):
    """A trained model is missing, damaged, or of an unknown format."""


class ActionError(ColdtrailError):
    """A change to the cloud account failed."""
