"""What the cloud's audit log tells of changes: of functions, and of what they may do and who sees it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

ChangedPart = Literal[
    "architecture",
    "code",
    "concurrency",
    "environment",
    "handler",
    "layers",
    "logging",
    "memory",
    "network",
    "role",
    "runtime",
    "snap start",
    "storage",
    "timeout",
    "tracing",
]
"""What of a function a change sets."""
ChangeEffect = Literal["all rights", "less logging", "unsigned code"]
"""What a change brings about. `all rights`: a policy allows everything, or everything of IAM; `less logging`:
the audit log or another log tells less than before; `unsigned code`: no signature is asked for."""


class Change(Struct, frozen=True, gc=False):
    """A change of a function, its configuration or who may call it, of a role, or of what is logged, from the
    cloud's audit log."""

    event_id: str
    time: float
    account: str
    region: str
    function_name: str
    """Empty where a role, a key or a log is changed, and no one function."""
    operation: str
    """Without the date of the API: `UpdateFunctionCode`."""
    digest: str = ""
    """Of the whole record, as that of the call that it was."""
    family: str = "functions"
    """Of what: `functions`, `web functions`, `microvms`, `layers`, `runtimes`, `connectors`, `triggers`,
    `capacity providers`, `code signing`; of the account `roles`, `identities`, `keys`, `logs`."""
    version: str | None = None
    alias: str | None = None
    code_sha256: str | None = None
    revision: str | None = None
    role: str | None = None
    runtime: str | None = None
    layers: tuple[str, ...] = ()
    grantee: str | None = None
    """Who was allowed to call, for a change of permissions."""
    request_id: str | None = None
    access_key: str | None = None
    """Pseudonym."""
    principal: str | None = None
    """Pseudonym of who made the change."""
    error_code: str | None = None
    principal_kind: str | None = None
    """`AssumedRole`, `AWSService`, `IAMUser`."""
    principal_role: str | None = None
    """ARN of the role whose session made it."""
    session: str | None = None
    """Pseudonym of the name of that session."""
    source_ip: str | None = None
    """Pseudonym of the address that it was made from; None where a service of the cloud called."""
    user_agent: str | None = None
    """The family of the program that made it."""
    invoked_by: str | None = None
    """The cloud's own service that made it on somebody's behalf."""
    target: str | None = None
    """What was attached, granted or set beside the function: a policy, a trail, a queue that triggers it."""
    sets: tuple[ChangedPart, ...] = ()
    """What of a function it sets."""
    variables: tuple[str, ...] = ()
    """Names of environment variables that it sets and that run or load something before the function's own
    code does (`AWS_LAMBDA_EXEC_WRAPPER`); no others, and never a value."""
    lets_in: tuple[str, ...] = ()
    """Accounts that it lets in, `*` for everyone."""
    effects: tuple[ChangeEffect, ...] = ()
    """What it brings about, as far as the request says."""
    results_to: tuple[str, ...] = ()
    """ARNs of what it sends to what the function returns, or what it failed with."""
    code_from: str | None = None
    """The image that its code is taken from, where the request names one."""
    source_network: str | None = None
    """Pseudonym of the network of that address, and its country, as those of a call."""
    source_country: str | None = None
