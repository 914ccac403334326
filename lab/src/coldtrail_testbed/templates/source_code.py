"""What of this package a handler needs: the modules that it imports, the variables that it reads."""

import ast
import shutil
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

import coldtrail_testbed

_PACKAGE = "coldtrail_testbed"
_ROOT = Path(coldtrail_testbed.__file__).parent.parent
_REQUIREMENTS = ("aws-xray-sdk", "requests")


def modules_of(handler: str) -> list[str]:
    """The modules of this package that a handler (a dotted path) imports, its own first."""
    found: list[str] = []
    waiting = [handler.rpartition(".")[0]]
    while waiting:
        module = waiting.pop(0)
        if module not in found:
            found.append(module)
            waiting += _imports(module)
    return found


def variables_of(handler: str) -> set[str]:
    """The names of the environment variables that a handler and the modules that it imports read."""
    return {name for module in modules_of(handler) for name in _variables(_tree(module))}


def copy_code(handlers: Iterable[str], folder: Path) -> None:
    """None; `folder` holds what the handlers need on Lambda, without the rest of this package."""
    if folder.exists():
        shutil.rmtree(folder)
    for module in dict.fromkeys(module for handler in handlers for module in modules_of(handler)):
        target = folder / _path(module).relative_to(_ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_path(module), target)
    for package in [path for path in folder.rglob("*") if path.is_dir()]:
        (package / "__init__.py").touch()
    lines = [f"{package}=={version(package)}\n" for package in _REQUIREMENTS]
    (folder / "requirements.txt").write_text("".join(lines))


def _path(module: str) -> Path:
    return _ROOT / Path(*module.split(".")).with_suffix(".py")


def _tree(module: str) -> ast.Module:
    return ast.parse(_path(module).read_text())


def _imports(module: str) -> Iterator[str]:
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_PACKAGE):
            if _path(str(node.module)).is_file():
                yield str(node.module)
            else:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _variables(tree: ast.Module) -> Iterator[str]:
    """The constant keys of `os.environ[...]`, the only way in which the handlers read their environment."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            yield ast.literal_eval(node.slice)
