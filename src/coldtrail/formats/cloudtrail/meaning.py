"""What a call of Lambda's API means for its function: what it sets, whom it lets in, what it brings about."""

from __future__ import annotations

from collections.abc import Mapping

from coldtrail.formats.cloudtrail.parameters import mapping, text_of
from coldtrail.formats.cloudtrail.policies import EVERYONE, account_of, accounts_let_in
from coldtrail.records.change import ChangedPart, ChangeEffect

_PARTS: dict[str, ChangedPart] = {
    "architectures": "architecture",
    "ephemeralStorage": "storage",
    "handler": "handler",
    "imageConfig": "handler",
    "layers": "layers",
    "logging": "logging",
    "loggingConfig": "logging",
    "memorySize": "memory",
    "networkConnectors": "network",
    "reservedConcurrentExecutions": "concurrency",
    "role": "role",
    "executionRoleArn": "role",
    "runtime": "runtime",
    "snapStart": "snap start",
    "timeout": "timeout",
    "tracingConfig": "tracing",
    "vpcConfig": "network",
    # Of Web Functions and MicroVMs.
    "buildRoleArn": "role",
    "codeArtifact": "code",
    "cpuConfigurations": "architecture",
    "egressNetworkConnectorArn": "network",
    "egressNetworkConnectors": "network",
    "ingressNetworkConnectors": "network",
    "telemetryConfig": "logging",
    "timeoutSeconds": "timeout",
}
_WITHIN = ("revisionConfig", "endpointConfig", "buildConfig", "serviceConfig", "codeConfig", "runtimeConfig")
"""What requests of Web Functions hold their parameters in."""
_OPEN = frozenset(("NONE", "ApplicationManaged"))
"""Ways of authorisation that let everyone in: of a function's URL, and of a Web Function's endpoint."""
_CODE_FROM = ("imageUri", "baseImageArn")
_DESTINATIONS = ("onSuccess", "onFailure")
_MOST_CHARS = 2_048
_CODE = ("UpdateFunctionCode", "CreateFunction", "CreateWebFunction", "CreateWebFunctionRevision")
_CODE_UPDATES = ("CreateMicrovmImage", "UpdateMicrovmImage", "CreateRuntimeVersion", "PublishLayerVersion")
TELLING_VARIABLES = frozenset(
    (
        *("AWS_LAMBDA_EXEC_WRAPPER", "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "PATH"),
        *("NODE_OPTIONS", "NODE_PATH", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "PERL5LIB", "RUBYLIB"),
        *("RUBYOPT", "GEM_PATH", "CLASSPATH", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"),
        *("DOTNET_STARTUP_HOOKS", "CORECLR_ENABLE_PROFILING", "CORECLR_PROFILER_PATH", "BASH_ENV", "ENV"),
        *("AWS_LAMBDA_RUNTIME_API", "AWS_ENDPOINT_URL", "HTTPS_PROXY", "HTTP_PROXY"),
    )
)
"""Variables by which code of somebody else is run or loaded, or traffic led elsewhere.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html (wrappers), ld.so(8), the runtimes'
own manuals.
"""
_MOST_VARIABLES = 500


def flat(request: Mapping[str, object]) -> Mapping[str, object]:
    """A request with what stands inside the parts of a Web Function beside what stands outside of them."""
    found = dict(request)
    for key in _WITHIN:
        # The outer parts come first, so that what they hold is looked into as well.
        found = {**mapping(found.get(key)), **found}
    return found


def parts_set(operation: str, request: Mapping[str, object]) -> tuple[ChangedPart, ...]:
    """What of a function a call sets, without repeats, in the order of the alphabet."""
    found = {part for key, part in _PARTS.items() if request.get(key) not in (None, {}, [])}
    if request.get("layers") == []:
        found.add("layers")
    if operation in _CODE or operation in _CODE_UPDATES:
        found.add("code")
    if "Concurrency" in operation or operation == "PutFunctionScalingConfig":
        found.add("concurrency")
    if _variables(request):
        found.add("environment")
    return tuple(sorted(found))


def telling_variables(request: Mapping[str, object]) -> tuple[str, ...]:
    """Names of the variables that it sets, of those that are telling; values are never looked at."""
    return tuple(sorted(TELLING_VARIABLES.intersection(_variables(request))))


def _variables(request: Mapping[str, object]) -> list[str]:
    """The names of all variables that it sets, where the audit log keeps them."""
    environment = mapping(request.get("environment"))
    told = environment.get("variables") or environment.get("Variables") or request.get("environmentVariables")
    found = mapping(told)
    return list(found)[:_MOST_VARIABLES]


def lets_in(request: Mapping[str, object]) -> tuple[str, ...]:
    """The accounts that it lets in, and everyone where nothing narrows that down."""
    found: dict[str, None] = {}
    if is_open(request):
        found[EVERYONE] = None
    source = text_of(request, "sourceAccount") or _account_in(text_of(request, "sourceArn") or "")
    account = account_of(text_of(request, "principal") or "")
    if source is not None:
        # A service, or everyone, on behalf of what is in that account alone.
        found[source] = None
    elif account != EVERYONE or not text_of(request, "principalOrgID", "organizationId", "sourceArn"):
        found.update({account: None} if account is not None else {})
    found.update(dict.fromkeys(accounts_let_in(text_of(request, "policy"))))
    return tuple(found)


def is_open(request: Mapping[str, object]) -> bool:
    """Whether it asks nobody who calls to say who he is."""
    return text_of(request, "authType") in _OPEN


def results_to(request: Mapping[str, object]) -> tuple[str, ...]:
    """The ARNs of what is given to what a function returns, or what it failed with."""
    config, letters = mapping(request.get("destinationConfig")), mapping(request.get("deadLetterConfig"))
    told = [text_of(mapping(config.get(one)), "destination") for one in _DESTINATIONS]
    return tuple(dict.fromkeys(one for one in (*told, text_of(letters, "targetArn")) if one))


def code_from(request: Mapping[str, object]) -> str | None:
    """The image that code is taken from, if the request names one."""
    inside = mapping(request.get("code"))
    found = text_of(request, *_CODE_FROM) or text_of(inside, *_CODE_FROM)
    return found[:_MOST_CHARS] if found else None


def _account_in(arn: str) -> str | None:
    """The account that an ARN names."""
    parts = arn.split(":", 5)
    return account_of(parts[4]) if len(parts) == 6 and parts[4] != EVERYONE else None


def effects(operation: str, request: Mapping[str, object]) -> tuple[ChangeEffect, ...]:
    """What it brings about beside what it sets."""
    policies = mapping(request.get("codeSigningPolicies"))
    if operation in ("DeleteFunctionCodeSigningConfig", "DeleteCodeSigningConfig"):
        return ("unsigned code",)
    if (
        operation == "UpdateCodeSigningConfig"
        and text_of(policies, "untrustedArtifactOnDeployment") == "Warn"
    ):
        return ("unsigned code",)
    return ("less logging",) if "disabled" in mapping(request.get("logging")) else ()
