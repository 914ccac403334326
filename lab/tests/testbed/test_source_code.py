"""What is deployed: the handlers alone, which then import and find their environment."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

from coldtrail_testbed.applications import APPLICATIONS
from coldtrail_testbed.templates.__main__ import handlers_of
from coldtrail_testbed.templates.source_code import copy_code, modules_of, variables_of

_AIRLINE = "coldtrail_testbed.applications.airline.handlers"

# Imports each handler anew, in the environment of its own function and without the packages that Lambda would
# not have, and says where its modules lie.
_PROGRAM = """
import json, os, sys
from importlib import import_module
order = json.loads(sys.stdin.read())

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in order["missing"]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
handlers = order["handlers"]
for handler, variables in handlers.items():
    for module in [name for name in sys.modules if name.startswith("coldtrail_testbed")]:
        del sys.modules[module]
    for name in variables:
        os.environ[name] = "some-value"
    module, _, name = handler.rpartition(".")
    assert callable(getattr(import_module(module), name))
    for name in variables:
        del os.environ[name]
print(json.dumps(sorted(
    str(module.__file__) for name, module in sys.modules.items() if name.startswith("coldtrail_testbed")
)))
"""


@pytest.mark.parametrize("app", list(APPLICATIONS))
def test_every_handler_imports_from_what_is_deployed(app: str, tmp_path: Path) -> None:
    handlers = handlers_of(APPLICATIONS[app])
    copy_code(handlers, tmp_path / "code")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tmp_path / "code"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_XRAY_CONTEXT_MISSING": "IGNORE_ERROR",
    }
    order = {
        "handlers": {handler: sorted(variables_of(handler)) for handler in handlers},
        "missing": _missing_packages(),
    }
    run = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        input=json.dumps(order),
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    files = json.loads(run.stdout)
    assert len(files) > 3
    assert all(file.startswith(str(tmp_path / "code")) for file in files)


def _missing_packages() -> list[str]:
    """The packages that are installed here and come neither with Lambda nor with the requirements."""
    deployed = _deployed_distributions()
    missing = {
        package
        for package, names in packages_distributions().items()
        if not deployed & {_normal(name) for name in names}
    }
    return sorted((missing | {"coldtrail"}) - {"coldtrail_testbed"})


def _deployed_distributions() -> set[str]:
    """What Lambda and the requirements bring: three packages and all that they require."""
    found: set[str] = set()
    waiting = ["boto3", "aws-xray-sdk", "requests"]
    while waiting:
        name = _normal(waiting.pop())
        if name not in found:
            found.add(name)
            needs = [need for need in requires(name) or [] if "extra ==" not in need]
            waiting += [re.split(r"[^\w.-]", need)[0] for need in needs]
    return found


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


def test_the_packages_that_are_missing_on_lambda_are_known() -> None:
    missing = _missing_packages()
    assert {"moto", "coldtrail", "numpy", "yaml", "awslambdaric"} <= set(missing)
    assert not {"boto3", "botocore", "aws_xray_sdk", "requests", "wrapt"} & set(missing)


def test_only_what_the_handlers_need_is_copied(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "stale.py").touch()
    copy_code(handlers_of(APPLICATIONS["airline"]), folder)
    copied = {path.name for path in folder.rglob("*.py") if path.stat().st_size}
    assert {"confirm_booking.py", "confirm_booking_with_record.py", "search_flights.py"} <= copied
    assert not {"template.py", "users.py", "stale.py"} & copied
    requirements = (folder / "requirements.txt").read_text().splitlines()
    assert [line.partition("==")[0] for line in requirements] == ["aws-xray-sdk", "requests"]


def test_imports_are_followed() -> None:
    modules = modules_of(f"{_AIRLINE}.confirm_booking_with_record.handler")
    names = {module.rpartition(".")[2] for module in modules}
    assert names == {"confirm_booking_with_record", "confirm_booking", "configuration", "chance", "tracing"}
    assert modules[0].endswith("confirm_booking_with_record")


def test_variables_are_found_in_imported_modules_too() -> None:
    assert variables_of(f"{_AIRLINE}.confirm_booking_with_record.handler") == {
        "BOOKING_TABLE",
        "CONFIGURATION_TABLE",
    }
    assert variables_of(f"{_AIRLINE}.refund_payment.handler") == {"PAYMENT_API_URL"}
