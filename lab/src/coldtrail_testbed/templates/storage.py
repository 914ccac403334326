"""Tables, buckets, parameters and secrets of a template."""

from typing import Any

from coldtrail_testbed.applications.model import Application, Table
from coldtrail_testbed.templates.references import Document, References, intrinsic, logical_id


def storage_resources(application: Application, references: References) -> Document:
    """The resources that keep data."""
    resources: Document = {}
    for table in application.tables:
        resources[logical_id(table.name, "Table")] = _table(table, references)
    for bucket in application.buckets:
        public = bucket in application.public_buckets
        resources[logical_id(bucket, "Bucket")] = _bucket(bucket, references, public=public)
        if public:
            resources[logical_id(bucket, "BucketPolicy")] = _public_policy(bucket)
    for name, value in application.parameters.items():
        properties = {"Name": intrinsic(references.path_name(name)), "Type": "String", "Value": value}
        resources[logical_id(name, "Parameter")] = {"Type": "AWS::SSM::Parameter", "Properties": properties}
    for name in application.secrets:
        resources[logical_id(name, "Secret")] = _secret(name, references)
    return resources


def _table(table: Table, references: References) -> Document:
    keys = [(table.hash_key, "HASH")] + ([(table.range_key, "RANGE")] if table.range_key else [])
    attributes = {name for name, _ in keys}
    indexes = []
    for index in table.indexes:
        attributes |= {index.hash_key, index.range_key}
        schema = _key_schema([(index.hash_key, "HASH"), (index.range_key, "RANGE")])
        projection = {"ProjectionType": "ALL"}
        indexes.append({"IndexName": index.name, "KeySchema": schema, "Projection": projection})
    properties: Document = {
        "TableName": intrinsic(references.own_name(table.name)),
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in sorted(attributes)
        ],
        "KeySchema": _key_schema(keys),
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    }
    return _replaceable("AWS::DynamoDB::Table", properties)


def _key_schema(keys: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys]


def _bucket(bucket: str, references: References, *, public: bool) -> Document:
    blocks = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    by_policy = ("BlockPublicPolicy", "RestrictPublicBuckets")
    blocked: dict[str, Any] = dict.fromkeys(blocks, True)
    if public:
        blocked |= {key: {"Fn::If": ["WithPublicBuckets", False, True]} for key in by_policy}
    properties = {
        "BucketName": intrinsic(references.bucket_name(bucket)),
        "PublicAccessBlockConfiguration": blocked,
    }
    return _replaceable("AWS::S3::Bucket", properties)


def _public_policy(bucket: str) -> Document:
    """Lets everybody read the bucket's objects, where the stack's parameter asks for it."""
    arn = f"${{{logical_id(bucket, 'Bucket')}.Arn}}/*"
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject"],
        "Resource": intrinsic(arn),
    }
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Condition": "WithPublicBuckets",
        "Properties": {
            "Bucket": {"Ref": logical_id(bucket, "Bucket")},
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }


def _secret(name: str, references: References) -> Document:
    """A secret whose value nobody wrote down: the local cloud's is not a real one either."""
    generated = {"PasswordLength": 32, "ExcludePunctuation": True}
    properties = {"Name": intrinsic(references.path_name(name)), "GenerateSecretString": generated}
    return _replaceable("AWS::SecretsManager::Secret", properties)


def _replaceable(kind: str, properties: Document) -> Document:
    """A resource that goes with its stack: what it holds is made up."""
    policies = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}
    return {"Type": kind, **policies, "Properties": properties}
