import pytest

from coldtrail.formats.callers import Agents, service_of
from tests.fixtures.witnesses import AGENT, SECRET


@pytest.mark.parametrize(
    ("text", "family"),
    [
        (AGENT, "Boto3"),
        ("aws-cli/2.13.5 Python/3.11.4", "aws-cli"),
        ("[APN/1.0 HashiCorp/1.0 Terraform/1.1.2 aws-sdk-go/1.44]", "Terraform"),
        ("aws-sdk-go-v2/1.32.3 os/linux", "aws-sdk-go"),
        ("aws-sdk-nodejs/2.1 linux/v18", "aws-sdk-js"),
        ("[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12]", "console"),
        ("Mozilla/5.0 (X11; Ubuntu) Gecko/20100101 Firefox/102.0", "browser"),
        ("curl/8.5.0", "curl"),
        ("states.amazonaws.com", "states.amazonaws.com"),
        (f"{SECRET}/1.0", "other"),
        ("", None),
    ],
)
def test_the_family_of_a_program(text: str, family: str | None) -> None:
    assert Agents()[text].family == family


@pytest.mark.parametrize(
    ("text", "environment", "inside"),
    [
        (AGENT, "AWS_Lambda_python3.11", True),
        ("x exec-env/AWS_Lambda_nodejs22.x y", "AWS_Lambda_nodejs22.x", True),
        ("x exec-env/AWS_Lambda_provided.al2023", "AWS_Lambda_provided.al2023", True),
        ("x exec-env/AWS_ECS_FARGATE", "AWS_ECS_FARGATE", False),
        (f"x exec-env/AWS_Lambda_{SECRET}", "AWS_Lambda", True),
        (f"x exec-env/{SECRET}", None, False),
    ],
)
def test_where_a_program_says_that_it_runs(text: str, environment: str | None, inside: bool) -> None:
    agent = Agents()[text]
    assert (agent.environment, agent.in_function) == (environment, inside)


def test_agents_are_bounded() -> None:
    agents = Agents()
    for number in range(20_050):
        agents[f"x{number}"]
    agents["y" * 5_000]
    assert len(agents) <= 20_000


@pytest.mark.parametrize("address", ["203.0.113.7", "evil.example", f"{SECRET} lambda.amazonaws.com"])
def test_addresses_are_no_services(address: str) -> None:
    assert service_of(address) is None
