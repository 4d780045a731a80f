"""Results compared: schema, then rows, then values, and in words where to look."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emberlake.school.checks.answer import Answer, kind_of
from emberlake.school.checks.finding import Finding


@dataclass(frozen=True)
class Rules:
    """How results are compared.

    Attributes:
        key: columns that identify a row; with them a difference is told row by row.
        ordered: whether the order of the rows was asked for.
        tolerance: how far numbers with a fraction may differ, absolute and relative.
        types: "kind": whole numbers are whole numbers; "exact": Spark's very types.
    """

    key: tuple[str, ...] = ()
    ordered: bool = False
    tolerance: float = 0.005
    types: str = "kind"


def compare(expected: Answer, came: Answer, rules: Rules) -> Finding | None:
    """The first thing in which an answer differs from what is expected; None where it does not."""
    return _shape(expected, came) or _types(expected, came, rules) or _rows(expected, came, rules)


def same(expected: Answer, came: Answer, rules: Rules) -> bool:
    """Whether two answers are the same by these rules."""
    return compare(expected, came, rules) is None


def _shape(expected: Answer, came: Answer) -> Finding | None:
    if expected.tabular != came.tabular:
        what = "a DataFrame" if expected.tabular else f"a value ({expected.columns[0][1]})"
        got = "a DataFrame" if came.tabular else f"{_shown(came.rows[0][0])} ({came.columns[0][1]})"
        return Finding("result", "The answer is of another kind.", what, got, "Look at what the function returns.")
    missing = [name for name in expected.names if name not in came.names]
    unknown = [name for name in came.names if name not in expected.names]
    twice = sorted(name for name, times in Counter(came.names).items() if times > 1)
    if twice:
        return Finding(
            "result", f"Column {', '.join(twice)} is there twice.", _list(expected.names), _list(came.names),
            "A join on a condition keeps both sides' keys: join with on=\"name\", or drop one.",
        )  # fmt: skip
    if missing or unknown:
        said = [f"{_list(missing)} {'is' if len(missing) == 1 else 'are'} missing"] * bool(missing)
        said += [f"{_list(unknown)} {'was' if len(unknown) == 1 else 'were'} not asked for"] * bool(unknown)
        return Finding(
            "result", f"The columns differ: {'; '.join(said)}.", _list(expected.names), _list(came.names),
            "Look at select, agg and alias.",
        )  # fmt: skip
    return None


def _types(expected: Answer, came: Answer, rules: Rules) -> Finding | None:
    given = dict(came.columns)
    for name, wanted in expected.columns:
        ours, theirs = (wanted, given[name]) if rules.types == "exact" else (kind_of(wanted), kind_of(given[name]))
        if ours != theirs and expected.tabular:
            return Finding(
                "result", f"Column {name} has another type.", f"{name}: {ours}", f"{name}: {theirs}",
                "Look at printSchema(), and where the column is made.",
            )  # fmt: skip
    return None


def _rows(expected: Answer, came: Answer, rules: Rules) -> Finding | None:
    names = expected.names
    ours, theirs = expected.picked(names), came.picked(names)
    if not expected.tabular:
        return _value(ours[0][0], theirs[0][0], rules)
    key = rules.key or _key(names, ours)
    # A wrong answer that others are compared with may have rows of one key twice.
    if key and _tells_apart(key, names, ours):
        found = _by_key(names, ours, theirs, key, rules)
    else:
        found = _as_bags(names, ours, theirs, rules)
    if found is None and rules.ordered:
        for place, (row, other) in enumerate(zip(ours, theirs, strict=True), 1):
            if not _alike(row, other, rules.tolerance):
                return Finding(
                    "result", f"The rows are right, but not their order: row {place} differs.",
                    _row(names, row), _row(names, other), "Look at orderBy: its columns, asc or desc, and ties.",
                )  # fmt: skip
    return found


def _value(one: Any, other: Any, rules: Rules) -> Finding | None:
    """A plain value: of a dictionary or a list the first entry that differs is told."""
    if _equal(one, other, rules.tolerance):
        return None
    if isinstance(one, tuple) and isinstance(other, tuple):
        if len(one) != len(other):
            said = f"The answer has {len(other):,} entries in place of {len(one):,}."
            return Finding("result", said, _shown(one), _shown(other), "Look at filters and at the grouping.")
        wrong = [(a, b) for a, b in zip(one, other, strict=True) if not _equal(a, b, rules.tolerance)]
        # What is no number at all says most.
        first, its = next((pair for pair in wrong if _is_nan(pair[1])), wrong[0])
        look = f"Look at how {first[0]} is made." if _named(first) else "Look at how it is made."
        more = f" ({len(wrong)} of {len(one)} do.)" if len(wrong) > 1 else ""
        return Finding("result", f"An entry differs.{more}", _entry(first), _entry(its), look)
    return Finding("result", "The value differs.", _shown(one), _shown(other), "Look at how it is made.")


def _named(entry: Any) -> bool:
    """Whether it is a dictionary's: a name, and what stands under it."""
    return isinstance(entry, tuple) and len(entry) == 2 and isinstance(entry[0], str)


def _is_nan(entry: Any) -> bool:
    value = entry[1] if _named(entry) else entry
    return isinstance(value, float) and math.isnan(value)


def _entry(entry: Any) -> str:
    if not _named(entry):
        return _shown(entry)
    name, value = entry
    return f"{name} = {value:.6g}" if isinstance(value, float) else f"{name} = {_shown(value)}"


def _key(names: Sequence[str], rows: list[tuple[Any, ...]]) -> tuple[str, ...]:
    """The first column, or pair of columns, that tells the expected rows apart; numbers with a fraction never do."""
    whole = [place for place in range(len(names)) if not any(_has_fraction(row[place]) for row in rows)]
    for places in [(one,) for one in whole] + [(one, two) for one in whole for two in whole if one < two]:
        if len({tuple(row[place] for place in places) for row in rows}) == len(rows):
            return tuple(names[place] for place in places)
    return ()


def _has_fraction(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, tuple) and any(map(_has_fraction, value)))


def _tells_apart(key: Sequence[str], names: Sequence[str], rows: list[tuple[Any, ...]]) -> bool:
    places = [names.index(name) for name in key]
    return len({tuple(row[place] for place in places) for row in rows}) == len(rows)


def _by_key(
    names: Sequence[str], ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]], key: tuple[str, ...], rules: Rules
) -> Finding | None:
    places = [names.index(name) for name in key]
    wanted = {tuple(row[place] for place in places): row for row in ours}
    counts = Counter(tuple(row[place] for place in places) for row in theirs)
    got = {tuple(row[place] for place in places): row for row in theirs}
    missing, extra = [k for k in wanted if k not in got], [k for k in got if k not in wanted]
    twice = [k for k, times in counts.items() if times > 1]
    if missing or extra or twice:
        return _counted(names, key, wanted, got, missing, extra, twice, (len(ours), len(theirs)))
    wrong: dict[str, list[tuple[Any, ...]]] = {}
    for k, row in wanted.items():
        for name, one, other in zip(names, row, got[k], strict=True):
            if not _equal(one, other, rules.tolerance):
                wrong.setdefault(name, []).append(k)
    if not wrong:
        return None
    name, keys = max(wrong.items(), key=lambda each: len(each[1]))
    place = names.index(name)
    first = keys[0]
    one, other = wanted[first][place], got[first][place]
    nulls = sum(1 for k in keys if got[k][place] is None), sum(1 for k in keys if wanted[k][place] is None)
    look = f"Look at how {name} is made."
    if nulls[0]:
        look = f"{nulls[0]:,} of them came as null: look at joins without a match, and at coalesce."
    elif nulls[1]:
        look = f"{nulls[1]:,} of them should be null: look at what fills them."
    where = _row(key, first)
    return Finding(
        "result", f"Column {name} differs in {len(keys):,} of {len(wanted):,} rows.",
        f"{where}: {name} = {_shown(one)}", f"{where}: {name} = {_shown(other)}", look,
    )  # fmt: skip


def _counted(
    names: Sequence[str], key: tuple[str, ...], wanted: dict, got: dict, missing: list, extra: list, twice: list,
    counts: tuple[int, int],
) -> Finding:  # fmt: skip
    said, look = [], ""
    if missing:
        said.append(f"{len(missing):,} rows are missing")
        look = f"Missing, for one: {_row(names, wanted[missing[0]])}. Look at filters, and at joins without a match."
    if extra:
        said.append(f"{len(extra):,} rows are too many")
        look = look or f"Too many, for one: {_row(names, got[extra[0]])}. Look at filters and at the grouping."
    if twice:
        said.append(f"{_row(key, twice[0])} comes more than once")
        look = look or "Rows are there twice: look at joins whose key matches several rows, at ties, at writes."
    return Finding("result", f"The rows differ: {'; '.join(said)}.", f"{counts[0]:,} rows", f"{counts[1]:,} rows", look)


def _as_bags(
    names: Sequence[str], ours: list[tuple[Any, ...]], theirs: list[tuple[Any, ...]], rules: Rules
) -> Finding | None:
    left = sorted(ours, key=_sortable)
    right = sorted(theirs, key=_sortable)
    if len(left) != len(right):
        return Finding(
            "result", f"The number of rows differs by {abs(len(left) - len(right)):,}.", f"{len(left):,} rows",
            f"{len(right):,} rows", "Look at filters, joins and the grouping.",
        )  # fmt: skip
    for one, other in zip(left, right, strict=True):
        if not _alike(one, other, rules.tolerance):
            look = "Look at the column that differs."
            return Finding("result", "A row differs.", _row(names, one), _row(names, other), look)
    return None


def _sortable(row: tuple[Any, ...]) -> tuple[tuple[bool, str, float], ...]:
    return tuple(
        (value is None, "" if _is_number(value) else str(value), round(float(value), 2) if _is_number(value) else 0.0)
        for value in row
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _alike(one: tuple[Any, ...], other: tuple[Any, ...], tolerance: float) -> bool:
    return len(one) == len(other) and all(_equal(a, b, tolerance) for a, b in zip(one, other, strict=True))


def _equal(one: Any, other: Any, tolerance: float) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return _alike(one, other, tolerance)
    if isinstance(one, float) or isinstance(other, float):
        if not (_is_number(one) and _is_number(other)):
            return False
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=tolerance)
    return bool(one == other)


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, float):
        return f"{value:,.2f}"
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _row(names: Sequence[str], row: Sequence[Any]) -> str:
    return ", ".join(f"{name} = {_shown(value)}" for name, value in zip(names, row, strict=True))


def _list(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
