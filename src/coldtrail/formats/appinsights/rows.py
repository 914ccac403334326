"""Rows of Application Insights, whatever wraps them and whichever of its two schemas names their columns.

Sources: Azure Monitor reference, tables AppRequests and AppDependencies; "Workspace-based resource changes",
which tells what the columns were called before; the models of events of the Application Insights query API
(`EventsResultData`, `EventsRequestInfo`, `EventsDependencyInfo`), which `az monitor app-insights events show`
prints.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

_MOST_ROWS = 200_000
_DEEPEST = 3
_MOST_LAYOUTS = 1_000
_MOST_CHARS = 4_096
"""Of the names of fields, to be remembered."""
_TABLES = {
    "apprequests": "request",
    "requests": "request",
    "request": "request",
    "appdependencies": "dependency",
    "dependencies": "dependency",
    "dependency": "dependency",
}
COLUMNS: dict[str, tuple[str, ...]] = {
    "time": ("TimeGenerated", "timestamp", "time"),
    "id": ("Id", "id"),
    "trace": ("OperationId", "operation_Id"),
    "parent": ("ParentId", "operation_ParentId", "OperationParentId"),
    "operation": ("OperationName", "operation_Name"),
    "name": ("Name", "name"),
    "url": ("Url", "url"),
    "source": ("Source", "source"),
    "success": ("Success", "success"),
    "code": ("ResultCode", "resultCode"),
    "duration": ("DurationMs", "duration"),
    "role": ("AppRoleName", "cloud_RoleName"),
    "version": ("AppVersion", "application_Version"),
    "properties": ("Properties", "customDimensions"),
    "kind": ("DependencyType", "type"),
    "target": ("Target", "target"),
    "data": ("Data", "data"),
    "resource": ("_ResourceId", "resourceId", "ResourceId"),
    "count": ("ItemCount", "itemCount"),
}
"""What each column is called, by its newest name first, which counts; all others stay outside."""
_COLUMN_OF = {name: column for column, names in COLUMNS.items() for name in names}
_TELLING = ("name", "operation", "url", "code", "role", "version", "kind", "target", "data", "resource")
_INVOCATION = "InvocationId"
_SHARED_PROPERTIES = ("FullName", "TriggerReason", "Category", "HttpMethod")
_PROPERTIES = (_INVOCATION, *_SHARED_PROPERTIES)


class _Layouts(dict[tuple[str, ...], tuple[tuple[str, str, bool], ...]]):
    """Of rows with these fields those that may enter: their names, columns, and whether none is newer."""

    def __missing__(self, names: tuple[str, ...]) -> tuple[tuple[str, str, bool], ...]:
        layout = tuple(
            [
                (name, column, name == COLUMNS[column][0])
                for name in names
                if (column := _COLUMN_OF.get(name)) is not None
            ]
        )
        if sum(map(len, names)) <= _MOST_CHARS:
            if len(self) >= _MOST_LAYOUTS:
                self.clear()
            self[names] = layout
        return layout


_layouts = _Layouts()


class Row(dict[str, object]):
    """A row by the names of `COLUMNS`, and whether it is a request or a dependency."""

    is_dependency = False
    properties: Mapping[str, str] = {}
    """The few that may enter."""

    @property
    def telling(self) -> tuple[object, ...]:
        """All that says what the row means: the same in rows that differ in ids and times alone."""
        properties = self.properties
        shared = map(properties.get, _SHARED_PROPERTIES)
        return (self.is_dependency, *map(self.get, _TELLING), *shared, _INVOCATION in properties)

    def text(self, column: str) -> str:
        """The text in a column, empty where there is none."""
        value = self.get(column)
        return value if isinstance(value, str) else ""


def rows_of(value: object, problems: list[str]) -> Iterator[Row]:
    """The requests and dependencies in a document; other tables are read past."""
    for number, (table, fields) in enumerate(_found(value, 0), 1):
        if number > _MOST_ROWS:
            problems.append(f"More than {_MOST_ROWS:,} rows in one document: the rest was left out.")
            return
        row = _row(table, fields)
        if row is not None:
            yield row


def _found(value: object, depth: int) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Tables and fields of rows, out of `records`, `tables`, or alone."""
    if not isinstance(value, dict) or depth > _DEEPEST:
        return
    records, tables = value.get("records") or value.get("value"), value.get("tables")
    if isinstance(records, list):
        for record in records:
            yield from _found(record, depth + 1)
    elif isinstance(tables, list):
        for table in tables:
            yield from _table(table)
    elif isinstance(value.get("operation"), dict):
        yield _event(value)
    else:
        inner = value.get("properties")
        nested = isinstance(inner, dict) and ("OperationId" in inner or "operation_Id" in inner)
        fields = {**value, **inner} if nested and isinstance(inner, dict) else value
        yield _name(value.get("Type"), value.get("category"), value.get("itemType")), fields


def _event(value: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
    """Table and fields of an event of the query API, which groups them."""
    kind = _name(value.get("type"))
    told, operation = _part(value, kind), _part(value, "operation")
    custom = _part(value, "customDimensions")
    return kind, {
        **told,
        "timestamp": value.get("timestamp"),
        "itemCount": value.get("count"),
        "operation_Id": operation.get("id"),
        "operation_ParentId": operation.get("parentId"),
        "operation_Name": operation.get("name"),
        "cloud_RoleName": _part(value, "cloud").get("roleName"),
        "application_Version": _part(value, "application").get("version"),
        # Azure's command prints the fields that its models do not list one level deeper.
        "customDimensions": custom.get("additionalProperties", custom),
    }


def _part(value: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = value.get(name)
    return part if isinstance(part, dict) else {}


def _table(table: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Rows of an answer to a query, each a list in the order of the columns."""
    if not isinstance(table, dict) or not isinstance(table.get("rows"), list):
        return
    columns = table.get("columns")
    columns = columns if isinstance(columns, list) else []
    names = [one.get("name") if isinstance(one, dict) else one for one in columns if one is not None]
    for row in table["rows"]:
        if isinstance(row, list):
            fields = {name: cell for name, cell in zip(names, row, strict=False) if isinstance(name, str)}
            yield _name(fields.get("Type"), fields.get("itemType"), table.get("name")), fields


def _name(*told: object) -> str:
    for one in told:
        if isinstance(one, str) and (name := one.casefold()) in _TABLES:
            return name
    return ""


def _row(table: str, fields: Mapping[str, object]) -> Row | None:
    row = Row()
    for name, column, is_newest in _layouts[tuple(fields)]:
        value = fields[name]
        if value is not None and value != "" and (is_newest or column not in row):
            row[column] = value
    if "trace" not in row or "duration" not in row:
        return None
    row.is_dependency = (
        _TABLES[table] == "dependency" if table else "kind" in row and ("target" in row or "data" in row)
    )
    row.properties = _properties(row.pop("properties", None))
    return row


def _properties(value: object) -> dict[str, str]:
    """The few properties that may enter."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return {}
    if not isinstance(value, dict):
        return {}
    return {name: told for name in _PROPERTIES if isinstance(told := value.get(name), str)}
