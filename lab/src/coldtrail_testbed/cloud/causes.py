"""The causes of errors as on Lambda: the paths of an instance, and no frame of the testbed."""

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any

_PRINTED = re.compile(r'  File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<label>[^\n]+)')
_TASK_ROOT = "/var/task"
_PACKAGE = Path(__file__).parent.parent
_OWN_FILES = frozenset(
    path.name for folder in ("worker", "attacks") for path in (_PACKAGE / folder).glob("*.py")
) | {"<frozen runpy>", "runpy.py"}


def tidy_cause(cause: Any, handler: str = "") -> Any:
    """`cause` (of a segment, as the runtime client or the X-Ray SDK wrote it) with an instance's paths.

    What an attack put into a function is part of the function: its frames are those of the function
    `handler`, given as `package.module.name`, or left out when none is given.
    """
    if not isinstance(cause, dict):
        return cause
    module = _module(handler)
    tidy = dict(cause)
    if "working_directory" in tidy:
        tidy["working_directory"] = _TASK_ROOT
    if "paths" in tidy:
        tidy["paths"] = sorted({path for path in (_path(one, module) for one in tidy["paths"]) if path})
    if "exceptions" in tidy:
        tidy["exceptions"] = [_exception(exception, module) for exception in tidy["exceptions"]]
    return tidy


def tidy_error(body: bytes, handler: str = "") -> bytes:
    """The error `body` that a function's caller gets, with a stack trace as on an instance.

    Its size is in the traces: it may tell neither where the testbed lies nor that an attack was at work.
    """
    error = json.loads(body)
    if "stackTrace" in error:
        lines = [_printed_frame(line, _module(handler)) for line in error["stackTrace"]]
        error["stackTrace"] = [line for line in lines if line]
    return json.dumps(error).encode()


def _printed_frame(line: str, module: str) -> str | None:
    """One frame as Python prints it, None when it is the testbed's own."""
    match = _PRINTED.match(line)
    if match is None:
        return line
    frame = _frame({"path": match["path"], "label": match["label"]}, module)
    if frame["path"] is None:
        return None
    return f'  File "{frame["path"]}", line {match["line"]}, in {frame["label"]}{line[match.end() :]}'


def _module(handler: str) -> str:
    return handler.split(".")[-2] if handler else ""


def _exception(exception: dict[str, Any], module: str) -> dict[str, Any]:
    if "stack" not in exception:
        return exception
    frames = [_frame(frame, module) for frame in exception["stack"]]
    return {**exception, "stack": [frame for frame in frames if frame["path"]]}


def _frame(frame: dict[str, Any], module: str) -> dict[str, Any]:
    label = {"label": "handler"} if _is_attack(frame["path"]) else {}
    return {**frame, "path": _path(frame["path"], module), **label}


def _is_attack(path: str) -> bool:
    return PurePosixPath(path).parent.parts[-2:] == ("coldtrail_testbed", "attacks")


def _path(path: str, module: str) -> str | None:
    """The path on a Lambda instance, or None for a file of the testbed; the SDK writes bare file names."""
    parts = PurePosixPath(path).parts
    if "handlers" in parts and "coldtrail_testbed" in parts:
        return f"{_TASK_ROOT}/{parts[-1]}"
    if _is_attack(path) and module:
        return f"{_TASK_ROOT}/{module}.py"
    if parts[-1] in _OWN_FILES or "coldtrail_testbed" in parts:
        return None
    if "site-packages" in parts:
        return "/".join(("/var/runtime", *parts[parts.index("site-packages") + 1 :]))
    return path if len(parts) == 1 else f"/var/lang/lib/python3.11/{parts[-1]}"
