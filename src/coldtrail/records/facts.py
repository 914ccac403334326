"""What other witnesses than traces add to a flow: the platform's reports, the audit log, the gateway."""

from __future__ import annotations

from msgspec import Struct


class UnseenCall(Struct, frozen=True, gc=False):
    """A call that the audit log shows under a function's credentials and no step of its runs tells of, though
    calls of the function are traced."""

    service: str
    operation: str
    target: str | None
    time: float
    error_code: str | None = None


class Facts(Struct, frozen=True, gc=False, omit_defaults=True):
    """All of it; what no witness tells is None. It changes neither who is judged nor the steps."""

    memory_mb: float | None = None
    """What the function may use."""
    memory_used_mb: float | None = None
    billed_ms: float | None = None
    duration_ms: float | None = None
    init_ms: float | None = None
    restore_ms: float | None = None
    cpu_ms: float | None = None
    rx_bytes: float | None = None
    tx_bytes: float | None = None
    tmp_used_bytes: float | None = None
    bytes_in: int | None = None
    """Moved into the cloud's services by the calls that the audit log tells of."""
    bytes_out: int | None = None
    status: str | None = None
    """As the platform reports it: `success`, `error`, `failure` or `timeout`."""
    error_type: str | None = None
    instance: str | None = None
    """The execution environment: its log stream or id."""
    version: str | None = None
    principal: str | None = None
    """Pseudonym of who called."""
    principal_kind: str | None = None
    source_ip: str | None = None
    """Pseudonym of the address that the function was called from."""
    user_agent: str | None = None
    """Of who called."""
    invoked_by: str | None = None
    """The cloud's own service that called."""
    access_key: str | None = None
    """Pseudonym of the credentials that the function's own calls were made with."""
    gateway: str | None = None
    route: str | None = None
    method: str | None = None
    http_status: int | None = None
    untraced: bool = False
    """Whether no trace tells of the invocation, though traces tell of others of its function."""
    unseen: tuple[UnseenCall, ...] = ()
    """By their times."""
    outside: bool = False
    """Whether it is no invocation, but a call that the function's code made outside any."""


OUTSIDE = Facts(outside=True)
"""Of a call outside any invocation."""
