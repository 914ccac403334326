"""What may be said of callers without saying who they are: the cloud's services, and programs by family."""

from __future__ import annotations

import re
from typing import NamedTuple

_SERVICE = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,4}(?:amazonaws\.com(?:\.cn)?|aws\.amazon\.com)")
_INTERNAL = "AWS Internal"
_ENVIRONMENT = re.compile(
    r"exec-env/(AWS_(?:Lambda_(?:python|nodejs|java|dotnet|dotnetcore|go|ruby|provided|rust)[0-9.]{0,6}"
    r"(?:x|al[0-9.]{1,4}|\.x|\.al[0-9.]{1,4})?|Lambda_Image|Lambda|ECS_FARGATE|ECS_EC2|EC2|CloudShell))"
)
_IN_FUNCTION = "AWS_Lambda"
_FAMILIES = (
    ("aws-cli", "aws-cli"),
    ("boto3", "Boto3"),
    ("botocore", "Botocore"),
    ("terraform", "Terraform"),
    ("pulumi", "Pulumi"),
    ("aws-cdk", "aws-cdk"),
    ("serverless", "Serverless"),
    ("s3console", "console"),
    ("console", "console"),
    ("aws-internal", "AWS Internal"),
    ("aws-sdk-go", "aws-sdk-go"),
    ("aws-sdk-js", "aws-sdk-js"),
    ("aws-sdk-nodejs", "aws-sdk-js"),
    ("aws-sdk-java", "aws-sdk-java"),
    ("aws-sdk-kotlin", "aws-sdk-kotlin"),
    ("aws-sdk-dotnet", "aws-sdk-dotnet"),
    ("aws-sdk-net", "aws-sdk-dotnet"),
    ("aws-sdk-ruby", "aws-sdk-ruby"),
    ("aws-sdk-rust", "aws-sdk-rust"),
    ("aws-sdk-php", "aws-sdk-php"),
    ("aws-sdk-cpp", "aws-sdk-cpp"),
    ("aws-sdk-swift", "aws-sdk-swift"),
    ("pacu", "Pacu"),
    ("stratus-red-team", "Stratus Red Team"),
    ("elb-healthchecker", "ELB health check"),
    ("amazon-route53", "Route 53 health check"),
    ("cloudfront", "CloudFront"),
    ("curl", "curl"),
    ("wget", "Wget"),
    ("python-requests", "Python requests"),
    ("python-httpx", "Python httpx"),
    ("python-urllib", "Python urllib"),
    ("python-httplib2", "Python httplib2"),
    ("aiohttp", "Python aiohttp"),
    ("go-http-client", "Go"),
    ("okhttp", "OkHttp"),
    ("axios", "axios"),
    ("node-fetch", "node-fetch"),
    ("postmanruntime", "Postman"),
    ("apache-httpclient", "Apache HttpClient"),
    ("java/", "Java"),
    ("powershell", "PowerShell"),
    ("sqlmap", "sqlmap"),
    ("nikto", "Nikto"),
    ("nmap", "Nmap"),
    ("mozilla", "browser"),
)
"""What a user agent holds, in lower case, and the family that it is one of; the first counts."""
OTHER = "other"
_MOST_LOOKED_AT = 1_024
_MAX_CACHED = 20_000


class Agent(NamedTuple):
    """What a caller's program says of itself."""

    family: str | None
    environment: str | None

    @property
    def in_function(self) -> bool:
        """Whether it says that it runs in a Lambda function."""
        return (self.environment or "").startswith(_IN_FUNCTION)


class Agents(dict[str, Agent]):
    """The family of each user agent: `agents["Boto3/1.34 … exec-env/AWS_Lambda_python3.11"]`."""

    def __missing__(self, text: str) -> Agent:
        agent = _agent(text[:_MOST_LOOKED_AT])
        if len(text) <= _MOST_LOOKED_AT:
            if len(self) >= _MAX_CACHED:
                self.clear()
            self[text] = agent
        return agent


def _agent(text: str) -> Agent:
    found = _ENVIRONMENT.search(text)
    environment = None if found is None else found[1]
    service = service_of(text)
    if service is not None:
        return Agent(service, environment)
    lowered = text.casefold()
    family = next((family for mark, family in _FAMILIES if mark in lowered), OTHER)
    return Agent(family if text else None, environment)


def service_of(address: str) -> str | None:
    """The service of the cloud that stands in the place of an address, else None."""
    return address if address == _INTERNAL or _SERVICE.fullmatch(address) else None
