"""Cloud services, their operations and remote hosts by one name each, however telemetry spells them."""

from __future__ import annotations

from coldtrail.features.names.masking import Names, RawNames, clean
from coldtrail.records.telemetry import SEVERAL

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
_DATABASES = (
    "Cassandra", "ClickHouse", "Cloudflare D1", "CockroachDB", "Cosmos DB", "Couchbase", "CouchDB", "DB2", "Derby",
    "Elasticsearch", "H2", "HSQLDB", "InfluxDB", "MariaDB", "Memcached", "MongoDB", "MySQL", "Neo4j", "OpenSearch",
    "Oracle", "PostgreSQL", "Redis", "Redshift", "SQL Server", "SQLite", "Snowflake", "Spanner", "Trino", "Valkey",
)  # fmt: skip
_DATABASE_ALIASES = {
    "aurora": "MySQL",
    "auroramysql": "MySQL",
    "aurorapostgresql": "PostgreSQL",
    "awsredshift": "Redshift",
    "azurecosmosdb": "Cosmos DB",
    "cosmosdb": "Cosmos DB",
    "cloudflared1": "Cloudflare D1",
    "gcpspanner": "Spanner",
    "ibmdb2": "DB2",
    "microsoftsqlserver": "SQL Server",
    "mongo": "MongoDB",
    "mssql": "SQL Server",
    "mysql2": "MySQL",
    "oracledb": "Oracle",
    "pg": "PostgreSQL",
    "pgsql": "PostgreSQL",
    "postgres": "PostgreSQL",
    "sqlite3": "SQLite",
    "sqlserver": "SQL Server",
}
_CANONICAL_DATABASES = {
    "".join(char for char in name.casefold() if char.isalnum()): name for name in _DATABASES
} | _DATABASE_ALIASES
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


class Databases(Names):
    """Database systems by one name each: `databases["postgres"]` is `PostgreSQL`."""

    def __missing__(self, name: str) -> str:
        key = "".join(char for char in name[:64].casefold() if char.isalnum())
        known = _CANONICAL_DATABASES.get(key) or _CANONICAL_DATABASES.get(key.removeprefix("other"))
        return self._keep(name, known or clean(name, self._max_chars))


class Operations(Names):
    """Names of operations with an upper-case first letter: `operations["getItem"]` is `GetItem`."""

    def __missing__(self, name: str) -> str:
        cleaned = clean(name, self._max_chars)
        return self._keep(name, cleaned[:1].upper() + cleaned[1:])


class Resources(RawNames):
    """Addresses of resources: a queue's URL becomes the ARN of the queue, all else stays as it is called.

    Several may stand in one, parted by `SEVERAL`.
    """

    def __missing__(self, name: str) -> str:
        return self._keep(name, SEVERAL.join([self._address(one) for one in name.split(SEVERAL)]))

    def _address(self, name: str) -> str:
        scheme, found, rest = name.partition("://")
        return clean(_of_url(rest) if found and scheme in ("http", "https") else name, self._max_chars)


def _of_url(rest: str) -> str:
    """`sqs.eu-west-1.amazonaws.com/123456789012/orders` as an ARN; of other URLs, what they end with."""
    parts = rest.partition("?")[0].rstrip("/").split("/")
    if len(parts) < 2:
        return parts[0].rpartition("@")[2]
    name, account = parts[-1], parts[-2]
    return f"arn:aws:sqs::{account}:{name}" if len(account) == 12 and account.isdigit() else name


def host_of(name: str) -> str:
    """The host (and port) of a remote call's name, without scheme, credentials, path or query."""
    before, found, after = name.partition("://")
    rest = after if found else before
    for separator in "/?#":
        rest = rest.partition(separator)[0]
    return rest.rpartition("@")[2].casefold() or "unknown"
