"""The trace header that travels from call to call."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TraceContext:
    """The trace that a call belongs to and the subsegment that made it."""

    root: str
    parent: str | None = None

    def header(self) -> str:
        """The value of X-Amzn-Trace-Id."""
        parts = [f"Root={self.root}", f"Parent={self.parent}" if self.parent else "", "Sampled=1"]
        return ";".join(part for part in parts if part)


def parse_trace_header(header: str | None) -> TraceContext | None:
    """The context that `header` carries, or None when it carries none."""
    fields = dict(part.strip().split("=", 1) for part in (header or "").split(";") if "=" in part)
    root = fields.get("Root")
    return TraceContext(root, fields.get("Parent")) if root else None
