"""The structure of the sources in figures, read from their syntax; `make structure` prints them."""

from __future__ import annotations

import ast
import math
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PRODUCT = ROOT / "src" / "coldtrail"
LABORATORY = tuple(ROOT / "lab" / "src" / f"coldtrail_{name}" for name in ("testbed", "paper", "lab"))

LAYOUT = (
    *("records", "sources", "formats", "assembly", "features", "detectors", "verdicts", "alerts", "bundle"),
    *("pipeline.py", "learning", "reports", "store", "privacy.py", "policy.py", "notifiers", "responders"),
    *("service", "console", "scale", "verbs", "cli", "config.py", "registry.py", "errors.py", "testing.py"),
)
"""What the top level may hold, in the order of the line; not all of it exists yet."""
NOT_COUNTED = {"__init__.py", "__main__.py", "__pycache__", "py.typed", "version.py"}
MOST_FILE_LINES, MOST_LINES, MOST_DEPTH = 300, 60, 3

_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Function(NamedTuple):
    """A function: `file:name`, its lines from `def` to its end, and how deep its blocks nest."""

    place: str
    lines: int
    depth: int


class Structure(NamedTuple):
    """The figures of one package."""

    entries: tuple[str, ...]
    file_lines: Mapping[str, int]
    functions: tuple[Function, ...]
    circles: tuple[tuple[str, ...], ...]

    def lines_of(self, share: float) -> int:
        """The lines that this share of the functions does not exceed."""
        lines = sorted(one.lines for one in self.functions)
        return lines[math.ceil(share * len(lines)) - 1]

    def deep_share(self) -> float:
        """The share of the functions whose blocks nest deeper than only few may."""
        return sum(one.depth > MOST_DEPTH for one in self.functions) / len(self.functions)


class Figure(NamedTuple):
    """A figure of a package, and the most that the product promises."""

    name: str
    most: float
    of: Callable[[Structure], float]


FIGURES = (
    Figure("entries of the top level", len(LAYOUT), lambda package: len(package.entries)),
    Figure("lines of the longest file", MOST_FILE_LINES, lambda package: max(package.file_lines.values())),
    Figure("lines of a function, median", 8, lambda package: package.lines_of(0.5)),
    Figure("lines of a function, 90 %", 20, lambda package: package.lines_of(0.9)),
    Figure("lines of the longest function", MOST_LINES, lambda package: package.lines_of(1.0)),
    Figure("% of functions nested deeper than 3", 2, lambda package: 100 * package.deep_share()),
    Figure("import circles", 0, lambda package: len(package.circles)),
)


def measure(package: Path) -> Structure:
    """The structure of the package that lies in a folder."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py"))}
    trees = {path: ast.parse(text) for path, text in texts.items()}
    return Structure(
        entries=tuple(sorted(path.name for path in package.iterdir() if path.name not in NOT_COUNTED)),
        file_lines={str(path.relative_to(package)): len(text.splitlines()) for path, text in texts.items()},
        functions=tuple(
            function
            for path, tree in trees.items()
            for function in _functions(tree, f"{path.relative_to(package)}:")
        ),
        circles=all_circles(imports({_module(package, path): tree for path, tree in trees.items()})),
    )


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """The statements right inside a node, and the clauses that hold some."""
    for name in ("body", "handlers", "cases", "orelse", "finalbody"):
        yield from getattr(node, name, ())


def _functions(node: ast.AST, place: str) -> Iterator[Function]:
    for child in _parts(node):
        inside = f"{place}{child.name}." if isinstance(child, _DEFINITIONS) else place
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (child.end_lineno or child.lineno) - child.lineno + 1
            yield Function(inside[:-1], lines, _depth(child))
        yield from _functions(child, inside)


def _depth(node: ast.AST, above: int = 0) -> int:
    """How deep blocks nest: an `elif` lies as deep as its `if`, an inner definition counts for itself."""
    deepest = above
    for child in _parts(node):
        if isinstance(child, _DEFINITIONS):
            continue
        is_elif = isinstance(child, ast.If) and isinstance(node, ast.If) and node.orelse == [child]
        here = above + (isinstance(child, _BLOCKS) and not is_elif)
        deepest = max(deepest, _depth(child, here))
    return deepest


def _module(package: Path, path: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(trees: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """The modules that each module imports anywhere in its file, under TYPE_CHECKING and in functions too."""
    return {
        name: {target for named in _named(tree) if (target := _nearest(named, trees)) not in ("", name)}
        for name, tree in trees.items()
    }


def _named(node: ast.AST) -> Iterator[str]:
    """The dotted names that the imports in a node may mean."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    for part in _parts(node):
        yield from _named(part)


def _nearest(name: str, modules: Mapping[str, object]) -> str:
    """The module that a dotted name lies in; empty for one of another package."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def all_circles(graph: Mapping[str, set[str]]) -> tuple[tuple[str, ...], ...]:
    """The circles among modules, and those among the entries of each folder taken as wholes."""
    folders = {name.rpartition(".")[0] for name in graph} - {""}
    found = set(circles(graph))
    for folder in folders:
        found.update(circles(_entries(graph, folder)))
    return tuple(sorted(found))


def _entries(graph: Mapping[str, set[str]], folder: str) -> dict[str, set[str]]:
    """What the entries of a folder import of each other."""
    depth = folder.count(".") + 2
    whole = {name: ".".join(name.split(".")[:depth]) for name in graph if name.startswith(f"{folder}.")}
    merged: dict[str, set[str]] = {entry: set() for entry in whole.values()}
    for name, entry in whole.items():
        merged[entry] |= {whole[target] for target in graph[name] if target in whole} - {entry}
    return merged


def circles(graph: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    """The groups whose members all reach each other by imports."""
    reached = {name: _reached(graph, name) for name in graph}
    return sorted(
        {
            tuple(sorted(other for other in reached[name] if name in reached[other]))
            for name in graph
            if name in reached[name]
        }
    )


def _reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return found


def floors() -> subprocess.CompletedProcess[str]:
    """What import-linter says of the contracts in pyproject.toml."""
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)


def offenders(package: Structure) -> dict[str, str]:
    """What breaks a promise by itself: its name, and what is wrong with it."""
    entries = {name: "no entry of the layout" for name in package.entries if name not in LAYOUT}
    files = {name: f"{lines} lines" for name, lines in package.file_lines.items() if lines > MOST_FILE_LINES}
    functions = {one.place: f"{one.lines} lines" for one in package.functions if one.lines > MOST_LINES}
    circles = {" ".join(names): "a circle of imports" for names in package.circles}
    return entries | files | functions | circles


def main() -> int:
    """Prints the figures of the product and, beside them, the laboratory's; 0 where the product's hold."""
    packages = {folder.name: measure(folder) for folder in (PRODUCT, *LABORATORY)}
    product = packages[PRODUCT.name]
    print(_row("", "at most", list(packages)))
    for figure in FIGURES:
        values = [f"{figure.of(package):.3g}" for package in packages.values()]
        print(_row(figure.name, f"{figure.most:g}", values))
    print(_row("files", "", [str(len(package.file_lines)) for package in packages.values()]))
    print(_row("functions", "", [f"{len(package.functions):,}" for package in packages.values()]))
    linted = floors()
    print("\nFloors and other contracts of imports: " + ("kept." if not linted.returncode else linted.stdout))
    for name, wrong in offenders(product).items():
        print(f"coldtrail: {name}: {wrong}")
    kept = all(figure.of(product) <= figure.most for figure in FIGURES) and not offenders(product)
    return 0 if kept and not linted.returncode else 1


def _row(name: str, most: str, values: Sequence[str]) -> str:
    return f"{name:36}{most:>8}" + "".join(f"{value:>20}" for value in values)


if __name__ == "__main__":
    sys.exit(main())
