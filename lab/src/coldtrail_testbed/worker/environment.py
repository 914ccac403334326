"""The environment of the worker processes: what Lambda sets, and where the local services listen."""

import os
import sys
from pathlib import Path

_REGION = "us-east-1"


def worker_environment(*, clock: Path, aws: str, rest: str, daemon: str) -> dict[str, str]:
    """The variables of every worker; `aws`, `rest` and `daemon` are `host:port` addresses.

    Calls to public hosts go through the REST front as an HTTP proxy, so handlers keep their real host names.
    There is no access key: what the fork server found would be every instance's, and each has its own.
    """
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONUNBUFFERED": "1",
        "TESTBED_CLOCK": str(clock),
        "TESTBED_COMPUTED": str(clock.with_name("computed")),
        "AWS_REGION": _REGION,
        "AWS_DEFAULT_REGION": _REGION,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_ENDPOINT_URL": f"http://{aws}",
        "AWS_XRAY_DAEMON_ADDRESS": daemon,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
        "LAMBDA_TASK_ROOT": "/var/task",
        "HTTP_PROXY": f"http://{rest}",
        "NO_PROXY": "127.0.0.1",
    }
