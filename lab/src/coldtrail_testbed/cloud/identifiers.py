"""Identifiers as AWS writes them, from one seeded generator."""

import re
from base64 import b64encode
from random import Random
from uuid import UUID

ACCOUNT = "123456789012"
REGION = "us-east-1"
STATE_MACHINE = "StateMachine"


_BASE_32 = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
# Every recorded real request id of DynamoDB ends like this.
_TABLE_REQUEST_END = "VV4KQNSO5AEMVJF66Q9ASUAAJG"


class Identifiers:
    """Trace, segment and request identifiers, the same ones for the same seed."""

    def __init__(self, generator: Random) -> None:
        self._generator = generator

    def segment(self) -> str:
        """Sixteen hexadecimal digits."""
        return f"{self._generator.getrandbits(64):016x}"

    def trace(self, time: float) -> str:
        """A trace id that carries its start `time`."""
        return f"1-{int(time):08x}-{self._generator.getrandbits(96):024x}"

    def request(self) -> str:
        """A request id, a version-4 UUID."""
        return str(UUID(int=self._generator.getrandbits(128), version=4))

    def table_request(self) -> str:
        """A request id of DynamoDB: 26 letters and digits, and 26 that are always the same."""
        return "".join(self._generator.choices(_BASE_32, k=26)) + _TABLE_REQUEST_END

    def storage_request(self) -> str:
        """A request id of S3: sixteen letters and digits."""
        return "".join(self._generator.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=16))

    def extended(self, size: int = 56) -> str:
        """An extended request id: base 64 of `size` random bytes."""
        return b64encode(self._generator.randbytes(size)).decode()


def function_arn(name: str, version: str = "") -> str:
    """The ARN of a Lambda function, or of one of its versions."""
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    return f"{arn}:{version}" if version else arn


def function_of(arn: str) -> str:
    """The function's name in its ARN, with or without a qualifier, or in a plain name."""
    return arn.split(":")[6] if arn.startswith("arn:") else arn.split(":")[0]


def one_word(name: str) -> str:
    """A name as a part of logical ids in CloudFormation: letters and digits, each part capitalised."""
    return "".join(part[0].upper() + part[1:] for part in re.findall(r"[A-Za-z0-9]+", name))


def role_name(name: str) -> str:
    """The name of the role of a function, or of a state machine (`...StateMachine`).

    As SAM makes it, without the stack's name before it and the random letters after it.
    """
    word = one_word(name)
    return f"{word}Role" if word.endswith(("Function", STATE_MACHINE)) else f"{word}FunctionRole"


def session_arn(name: str) -> str:
    """The ARN of a session of a function's or a state machine's role, which bears its name."""
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role_name(name)}/{name}"


def topic_arn(name: str) -> str:
    """The ARN of an SNS topic."""
    return f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"


def state_machine_arn(name: str) -> str:
    """The ARN of a state machine."""
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"


def table_arn(name: str) -> str:
    """The ARN of a DynamoDB table."""
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"


def bucket_arn(name: str) -> str:
    """The ARN of a bucket; its objects' ARNs begin with it and a slash."""
    return f"arn:aws:s3:::{name}"


def queue_arn(name: str) -> str:
    """The ARN of an SQS queue."""
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def parameter_arn(name: str) -> str:
    """The ARN of an SSM parameter, whose name begins with a slash."""
    return f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{name}"


def secret_arn(name: str) -> str:
    """The ARN of a secret, with `-*` in place of the six characters that Secrets Manager appends."""
    return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-*"


def rule_arn(name: str) -> str:
    """The ARN of a rule of the default event bus."""
    return f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"


def queue_url(name: str) -> str:
    """The URL of an SQS queue."""
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"


def api_id(name: str) -> str:
    """The ten characters of a REST API's id, derived from its name."""
    return (name.replace("-", "") + "a7k2m9x4q1")[:10]


def api_host(name: str) -> str:
    """The host under which a REST API is called."""
    return f"{api_id(name)}.execute-api.{REGION}.amazonaws.com"
