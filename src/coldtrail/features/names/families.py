"""Families of names that machines make up, and the template of each.

A name is cut into chunks of letters and digits, and the separators between them. Where the names agree, a
part stays; where nearly each has a value of its own, it becomes a wildcard of the characters and lengths met.
A part with recurring values (`thumb`, `raw`) is no wildcard: each value has a template of its own.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from coldtrail.features.names.templates import ANY, HEXADECIMAL, KINDS, Template, Wildcard

FEW = 5
"""Names that make a template whose wildcards are digits or ids, and in which a word is constant."""
MANY = 20
"""Names that make a template of any other kind."""
COMES_AGAIN = 0.8
"""Share of names whose value in a part others have too: from there on, the part is no wildcard."""
MOST_CODES = 8
"""Values of a part that is no word, up to which they are constants: `us-east-1`, `us-east-2`."""
MANY_FORMS = 3
"""Forms of ids with one beginning, from which on their separators are part of the id."""
NEVER = 0.005
"""An id without a digit that is less likely than this, and was never met, does not fit."""
NEVER_IN_HEX = 0.0005
"""The same of hexadecimal ids, which hardly any word looks like: well below the budget of false alarms."""
_LETTER_SHARES = {"hex": 6 / 16, "HEX": 6 / 16, "id": 26 / 36, "ID": 26 / 36, "Id": 52 / 62}
"""Of the characters of a kind that has letters and digits."""
_IDS = ("id", "ID", "Id")
_TOKENS = re.compile(r"(?<!\d)\d{12}(?!\d)|[^\W_]+|[\W_]+")
_RUNS = re.compile(r"\d+|\D+")

Row = tuple[str, ...]


def learn_templates(names: Iterable[str], generous: bool) -> tuple[Template, ...]:
    """The templates of different names in any order, most telling first.

    Only a `generous` one gives templates in which words vary or nothing is constant.
    """
    rows = [tuple(_TOKENS.findall(name)) for name in sorted(set(names)) if name.isascii() and "{" not in name]
    found: dict[Template, list[Row]] = {}
    left: list[Row] = []
    for family in [part for alike in _grouped(rows, _skeleton) for part in _split(alike)]:
        template = _aligned(family)
        if template is not None and template.wildcards and len(family) >= _enough(template, generous):
            found[template] = family
        else:
            left += family
    if generous:
        for scattered in _scattered(found):
            left += found.pop(scattered)
        found.update(_contained(left))
    return tuple(sorted(found, key=lambda template: template.rank))


def _enough(template: Template, generous: bool) -> float:
    if template.telling:
        return FEW
    return MANY if generous else float("inf")


def _scattered(found: Iterable[Template]) -> list[Template]:
    """The templates of ids that hold separators here and there: many forms, one beginning, uneven lengths."""
    groups: dict[str, list[Template]] = defaultdict(list)
    for template in found:
        ids = [one for one in template.wildcards if one.kind in _IDS and one.least < one.most]
        if ids or (len(template.wildcards) == 1 and template.wildcards[0].kind in _IDS):
            groups[template.beginning.rstrip("_-")].append(template)
    return [one for alike in groups.values() if len(alike) >= MANY_FORMS for one in alike]


def _grouped(rows: Iterable[Row], key: Callable[[Row], object]) -> list[list[Row]]:
    groups: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return list(groups.values())


def _skeleton(row: Row) -> Row:
    """Separators and account ids, which never vary within a family; nothing for the other parts."""
    return tuple("" if part[0].isalnum() and not _is_account(part) else part for part in row)


def _is_account(part: str) -> bool:
    return len(part) == 12 and part.isdigit()


def _split(rows: list[Row]) -> Iterator[list[Row]]:
    """Rows of one skeleton by the values that come again; what is left over, by its words alone."""
    steady = [place for place, column in enumerate(zip(*rows, strict=True)) if _is_steady(column)]
    groups = _grouped(rows, lambda row: tuple(row[place] for place in steady))
    if len(groups) == 1:
        yield rows
        return
    few: list[Row] = []
    for group in groups:
        if len(group) >= FEW:
            yield from _split(group)
        else:
            few += group
    if few:
        words = [place for place in steady if _is_wordy([row[place] for row in few])]
        yield from _grouped(few, lambda row: tuple(row[place] for place in words))


def _is_steady(column: Sequence[str]) -> bool:
    counts = Counter(column)
    again = sum(count for count in counts.values() if count > 1)
    return again >= COMES_AGAIN * len(column) and (len(counts) <= MOST_CODES or _is_wordy(column))


def _is_wordy(column: Sequence[str]) -> bool:
    """Whether most values are words, or separators, rather than short codes."""
    wordy = sum(not value[0].isalnum() or (len(value) > 2 and value.isalpha()) for value in column)
    return 2 * wordy > len(column)


def _aligned(rows: Sequence[Row]) -> Template | None:
    """The template of rows of one skeleton; None where a part has no kind of its own."""
    parts: list[str | Wildcard] = []
    for column in zip(*rows, strict=True):
        for part in _parts(column):
            if part is None:
                return None
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] += part
            else:
                parts.append(part)
    return Template(tuple(parts))


def _parts(column: Sequence[str]) -> list[str | Wildcard | None]:
    """Constants and wildcards of one part: cut further where letters and digits alternate alike in all."""
    if len(set(column)) == 1:
        return [column[0]]
    runs = [tuple(_RUNS.findall(value)) for value in column]
    if len({(len(run), run[0].isdigit()) for run in runs}) == 1 and len(runs[0]) > 1:
        inner = list(zip(*runs, strict=True))
        if all(run[0].isdigit() or len(set(run)) == 1 for run in inner):
            return [run[0] if len(set(run)) == 1 else _wildcard(run) for run in inner]
    before = _shared(column).rstrip("0123456789")
    after = _shared([value[len(before) :][::-1] for value in column])[::-1].lstrip("0123456789")
    values = [value[len(before) : len(value) - len(after)] for value in column]
    if not all(values):
        before, after, values = "", "", list(column)
    return [part for part in (before, _wildcard(values), after) if part != ""]


def _shared(values: Sequence[str]) -> str:
    """The beginning that all values share: that of the first and the last in order."""
    first, last = min(values), max(values)
    end = next((place for place, char in enumerate(first) if char != last[place]), len(first))
    return first[:end]


def _wildcard(values: Sequence[str]) -> Wildcard | None:
    """The wildcard of the narrowest kind that holds all values."""
    whole = "".join(set("".join(values)))
    some_digit = any(char.isdigit() for char in whole)
    for kind, characters in KINDS.items():
        letters = _LETTER_SHARES.get(kind, 0.0)
        if (some_digit or not letters) and re.fullmatch(f"[{characters}]+", whole):
            least, most = _lengths(values)
            met = all(any(char.isdigit() for char in value) for value in values)
            never = NEVER_IN_HEX if kind in HEXADECIMAL else NEVER
            needed = met and 0.0 < letters**least < never
            return Wildcard(kind, characters, least, most, needed)
    return None


def _lengths(values: Sequence[str]) -> tuple[int, int]:
    """The least and most characters, with room for what has not come yet where lengths vary."""
    lengths = [len(value) for value in values]
    least, most = min(lengths), max(lengths)
    counter = all(value.isdigit() and value[0] != "0" for value in values)
    room = max(1, (most - least) // 4) if most > least or (counter and most < FEW) else 0
    return max(1, least - room), most + room


def _contained(rows: list[Row]) -> dict[Template, list[Row]]:
    """Templates of names that have nothing but a beginning or an ending in common, or nothing at all."""
    found: dict[Template, list[Row]] = {}
    for key in (_beginning, _ending, _is_foreign):
        left: list[Row] = []
        for group in _grouped(rows, key):
            if len(group) >= MANY and (key is not _is_foreign or not _is_foreign(group[0])):
                found[_loose(["".join(row) for row in group])] = group
            else:
                left += group
        rows = left
    return found


def _beginning(row: Row) -> object:
    return row[0] if len(row) > 1 else row


def _ending(row: Row) -> object:
    return row[-3:] if len(row) > 3 else row


def _is_foreign(row: Row) -> bool:
    return len(row) > 1 and _is_account(row[0]) and row[1] == ":"


def _loose(names: Sequence[str]) -> Template:
    before = _up_to_separator(_shared(names))
    after = _up_to_separator(_shared([name[len(before) :][::-1] for name in names]))[::-1]
    values = [name[len(before) : len(name) - len(after)] for name in names]
    if not all(values):
        after, values = "", [name[len(before) :] for name in names]
    if not all(values):
        before, values = "", list(names)
    least, most = _lengths(values)
    parts = (before, Wildcard(ANY, _characters("".join(values)), least, most), after)
    return Template(tuple(part for part in parts if part != ""))


def _up_to_separator(text: str) -> str:
    end = max((place for place, char in enumerate(text) if not char.isalnum()), default=-1)
    return text[: end + 1]


def _characters(text: str) -> str:
    """The classes of the letters and digits met, and the separators met, for between brackets."""
    classes = [one for one in ("a-z", "A-Z", "0-9") if re.search(f"[{one}]", text)]
    return "".join(classes) + "".join(re.escape(char) for char in sorted(set(text)) if not char.isalnum())
