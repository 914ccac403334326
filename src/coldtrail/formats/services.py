"""Cloud services under one name each, and the resource that a call is about."""

from __future__ import annotations

from coldtrail.features.names.masking import Names, clean, normalise

_MAX_KEPT = 50_000
_MAX_KEPT_CHARS = 256

# fmt: off
_SERVICES = (
    "ApiGateway", "AppConfig", "AppSync", "Athena", "Batch", "Bedrock", "BedrockRuntime",
    "CloudFormation", "CloudFront", "CloudTrail", "CloudWatch", "CodeBuild", "CodePipeline", "Cognito",
    "Comprehend", "Config", "DynamoDB", "DynamoDBStreams", "EC2", "ECR", "ECS", "EFS", "EKS",
    "ElastiCache", "EventBridge", "Firehose", "Glue", "IAM", "IoT", "KMS", "Kinesis", "Lambda", "Logs",
    "MediaConvert", "Organizations", "Pinpoint", "Polly", "Pricing", "RDS", "RDSDataService", "Redshift",
    "RedshiftData", "Rekognition", "Route53", "S3", "SES", "SESv2", "SNS", "SQS", "SSM", "STS",
    "SageMaker", "SageMakerRuntime", "Scheduler", "SecretsManager", "ServiceDiscovery", "StepFunctions",
    "Textract", "Transcribe", "Translate", "WAF", "XRay",
)
# fmt: on
_ALIASES = {
    "amazonkinesis": "Kinesis",
    "cloudwatchevents": "EventBridge",
    "cloudwatchlogs": "Logs",
    "cognitoidentityprovider": "Cognito",
    "cognitoidentity": "Cognito",
    "cognitoidp": "Cognito",
    "dynamodbv2": "DynamoDB",
    "elasticmapreduce": "EMR",
    "events": "EventBridge",
    "eventbridge": "EventBridge",
    "keymanagementservice": "KMS",
    "kinesisfirehose": "Firehose",
    "monitoring": "CloudWatch",
    "rdsdata": "RDSDataService",
    "runtimesagemaker": "SageMakerRuntime",
    "secretmanager": "SecretsManager",
    "securitytokenservice": "STS",
    "sfn": "StepFunctions",
    "simpledb": "SimpleDB",
    "states": "StepFunctions",
    "stepfunction": "StepFunctions",
    "systemsmanager": "SSM",
    "simplesystemsmanagement": "SSM",
}
_CANONICAL = {service.casefold(): service for service in _SERVICES} | _ALIASES
_PREFIXES = ("amazon", "aws")


class Services(Names):
    """Service names, however the telemetry spells them: `services["dynamodb"]` is `DynamoDB`."""

    def __missing__(self, name: str) -> str:
        key = "".join(char for char in name[:64].casefold() if char.isalnum())
        known = _CANONICAL.get(key)
        for prefix in _PREFIXES:
            known = known or _CANONICAL.get(key.removeprefix(prefix))
        return self._keep(name, known or clean(name, self._max_chars))


class Operations(Names):
    """Names of operations with an upper-case first letter: `operations["getItem"]` is `GetItem`."""

    def __missing__(self, name: str) -> str:
        cleaned = clean(name, self._max_chars)
        return self._keep(name, cleaned[:1].upper() + cleaned[1:])


class Hosts(Names):
    """Normalised hosts by the names of remote calls: `hosts["https://api.example/v1"]` is `api.example`."""

    def __missing__(self, name: str) -> str:
        return self._keep(name, normalise(host_of(name), self._max_chars))


class Targets:
    """Caches of resource names as seen from each account, bounded over all accounts."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._homes: dict[str | None, Accounts] = {}
        self._kept = 0

    def seen_from(self, home: str | None) -> Accounts:
        """The names as functions of the account see them."""
        known = self._homes.get(home)
        if known is None:
            if len(self._homes) >= _MAX_KEPT:
                self._forget()
                self._homes.clear()
            known = self._homes[home] = Accounts(home, self)
        return known

    def makes_room(self, known: Accounts) -> bool:
        """Whether a name of this account may be kept; at the bound, all names are forgotten first."""
        if self._homes.get(known.home) is not known:
            return False
        if self._kept >= _MAX_KEPT:
            self._forget()
        self._kept += 1
        return True

    def _forget(self) -> None:
        for known in self._homes.values():
            known.clear()
        self._kept = 0


class Accounts(dict[str, str]):
    """Resources by their ARN or queue URL, for functions of one account: a foreign account stays visible.

    `arn:aws:sns:eu-west-1:123456789012:orders` is `orders` at home and `123456789012:orders` elsewhere.
    """

    def __init__(self, home: str | None, targets: Targets) -> None:
        super().__init__()
        self.home = home
        self._targets = targets

    def __missing__(self, address: str) -> str:
        short = self._targets.names[short_name(address, self.home)]
        if len(address) <= _MAX_KEPT_CHARS and self._targets.makes_room(self):
            self[address] = short
        return short


def short_name(address: str, home: str | None) -> str:
    """The resource's own name from an ARN or a queue URL, after its account where that is not `home`."""
    if address.startswith("arn:"):
        return _of_arn(address, home)
    scheme, found, rest = address.partition("://")
    if found and scheme in ("http", "https"):
        return _of_url(rest, home)
    return address


def _of_arn(arn: str, home: str | None) -> str:
    parts = arn.split(":", 5)
    if len(parts) < 6 or not parts[5]:
        return arn
    account, resource = parts[4], parts[5]
    if parts[2] not in ("s3", "sns", "sqs"):
        # `table/Orders`, `stateMachine:Orders`, `secret:orders`; an execution or a version may follow.
        resource = _after_kind(resource)
    return resource if account in ("", home) or home is None else f"{account}:{resource}"


def _after_kind(resource: str) -> str:
    for separator in ("/", ":"):
        kind, found, rest = resource.partition(separator)
        if found and kind.replace("-", "").isalpha() and rest:
            return rest
    return resource


def _of_url(rest: str, home: str | None) -> str:
    parts = rest.partition("?")[0].rstrip("/").split("/")
    if len(parts) < 2:
        return parts[0].rpartition("@")[2]
    name, account = parts[-1], parts[-2]
    foreign = len(account) == 12 and account.isdigit() and home is not None and account != home
    return f"{account}:{name}" if foreign else name


def host_of(name: str) -> str:
    """The host (and port) of a remote call's name, without scheme, credentials, path or query."""
    before, found, after = name.partition("://")
    rest = after if found else before
    for separator in "/?#":
        rest = rest.partition(separator)[0]
    return rest.rpartition("@")[2].casefold() or "unknown"
