"""The data dictionary: what every table and column means, from the contract, with rows and freshness from the logs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emberlake.settings import Settings
from emberlake.steps.files import replace_text
from emberlake.tables import LAYERS, Table, find

if TYPE_CHECKING:
    from emberlake.lake import Lake


@dataclass(frozen=True)
class Entry:
    """One table of the dictionary.

    Attributes:
        rows: None while the table was never built.
        fresh_at: when it was last written, UTC.
        columns: name, type, unit, meaning and whether a row cannot do without it.
    """

    table: str
    meaning: str
    owner: str
    key: list[str]
    made_from: list[str]
    rows: int | None
    fresh_at: str | None
    columns: list[dict[str, Any]]


def dictionary(settings: Settings, only: str | None = None) -> list[Entry]:
    """Every table of every layer, or of the layer (or the one table, as `layer.name`) that `only` names.

    Raises:
        LakeError: if `only` is neither; the message lists what there is.
    """
    chosen = [find(only)] if only and only not in LAYERS else _in_layers(only)
    if not settings.lake.exists():
        # Opening the lake would make its ledger: asking changes nothing.
        return [_entry(None, table) for table in chosen]
    from emberlake.lake import Lake

    with Lake(None, settings) as lake:
        return [_entry(lake, table) for table in chosen]


def _in_layers(only: str | None) -> list[Table]:
    return [table for layer, tables in LAYERS.items() if only in (None, layer) for table in tables.values()]


def write_dictionary(settings: Settings, entries: list[Entry]) -> list[Path]:
    """`catalog.md` for people and `catalog.json` for programs, under the reports."""
    machine = json.dumps([asdict(entry) for entry in entries], indent=1, ensure_ascii=False)
    return [
        replace_text(settings.reports / "catalog.md", "\n".join(_markdown(entries)) + "\n"),
        replace_text(settings.reports / "catalog.json", machine),
    ]


def _entry(lake: Lake | None, table: Table) -> Entry:
    name = f"{table.layer}.{table.name}"
    rows, written = None, None
    if lake is not None and lake.exists(name):
        rows, written = lake.rows(name), lake.delta(name).history(1)[0].get("timestamp")
    return Entry(
        table=name,
        meaning=table.meaning,
        owner=table.owner,
        key=list(table.key),
        made_from=list(table.reads),
        rows=rows,
        fresh_at=dt.datetime.fromtimestamp(written / 1000, dt.UTC).isoformat(timespec="seconds") if written else None,
        columns=[asdict(column) for column in table.columns],
    )


def _markdown(entries: list[Entry]) -> Iterator[str]:
    yield "# Data dictionary\n"
    for entry in entries:
        yield f"## {entry.table}\n"
        yield f"{entry.meaning}\n"
        rows = "not built yet" if entry.rows is None else f"{entry.rows:,} rows, written {entry.fresh_at}"
        made = f" · made from {', '.join(entry.made_from)}" if entry.made_from else ""
        yield f"{rows} · owner {entry.owner} · key {', '.join(entry.key)}{made}\n"
        yield "| column | type | unit | required | meaning |"
        yield "|---|---|---|---|---|"
        for column in entry.columns:
            cells = (
                column["name"],
                column["type"],
                column["unit"],
                "yes" if column["required"] else "",
                column["meaning"],
            )
            yield "| " + " | ".join(text.replace("|", "\\|") for text in cells) + " |"
        yield ""
