"""`lake`: what came in, what the tables are, and their upkeep."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.text import Text

from emberlake.cli.command import Call, command
from emberlake.cli.meter import one_bar
from emberlake.cli.screen import size, table
from emberlake.errors import LakeError, SettingsError

app = typer.Typer(no_args_is_help=True, help="Loads, dictionary, rules and upkeep of the tables.")

Name = Annotated[str, typer.Argument(metavar="TABLE", help="layer.name, or a plain name (gold first, then silver).")]
Names = Annotated[list[str] | None, typer.Argument(metavar="[TABLE…]", help="Default: every table.")]


def _there(call: Call) -> None:
    if not call.settings.lake.exists():
        raise LakeError(f"There is no lakehouse in {call.settings.root} yet.", "Build it first: emberlake up.")


def loads(
    call: Call,
    source: Annotated[str | None, typer.Option("--source", help="Only this source's.")] = None,
) -> None:
    """List every file taken in: rows read, accepted, deleted, and refused by rule. Read is always their sum.

    Live loads that upkeep made one folder of are one line.
    """
    from emberlake.lake import Lake
    from emberlake.lake.folding import loads_by_folder

    _there(call)
    with Lake(None, call.settings) as lake:
        rows = [load for load in loads_by_folder(lake) if source in (None, load["source"])]
    columns = ("load_id", "source", "file", "read", "accepted", "deleted", "refused", "refused_by_rule")
    shown = [{**row, "file": _short(str(row["file"]), call)} for row in rows]
    call.screen.show(rows, lambda: table(shown, columns=columns))


def _short(path: str, call: Call) -> str:
    return path.removeprefix(f"{call.settings.root}/")


def catalog(
    call: Call,
    only: Annotated[
        str | None, typer.Argument(metavar="[TABLE or LAYER]", help="Default: all, without columns.")
    ] = None,
) -> None:
    """Print the data dictionary: tables, columns, types, units, meaning, owner, lineage, rows, freshness."""
    from emberlake.steps.dictionary import dictionary
    from emberlake.tables import LAYERS

    entries = dictionary(call.settings, only)
    brief = ("table", "rows", "fresh_at", "owner", "made_from", "meaning")

    def view() -> list[Any]:
        if only is None or only in LAYERS:
            return [table([asdict(entry) for entry in entries], columns=brief)]
        entry = entries[0]
        facts = {"key": entry.key, "owner": entry.owner, "made_from": entry.made_from, "rows": entry.rows}
        return [Text(f"{entry.table}: {entry.meaning}", style="bold"), table([facts]), "", table(entry.columns)]

    call.screen.show([asdict(entry) for entry in entries], view)


def rules(
    call: Call,
    source: Annotated[str | None, typer.Option("--source", help="Only this source's.")] = None,
) -> None:
    """List the quality rules: what each refuses, in the order in which they are applied."""
    from emberlake.lake.rules import rules_of
    from emberlake.tables import SOURCES
    from emberlake.tables import source as find_source

    chosen = [find_source(source).name] if source else list(SOURCES)
    rows = [
        {"source": rule.source, "rule": rule.name, "says": rule.sentence}
        for name in chosen
        for rule in rules_of(SOURCES[name])
    ]
    call.screen.show(rows, lambda: table(rows))


def history(
    call: Call, name: Name, limit: Annotated[int | None, typer.Option("--limit", help="Newest versions only.")] = None
) -> None:
    """List a table's versions, newest first: when, what was done, rows and files."""
    from emberlake.lake import Lake, upkeep

    _there(call)
    with Lake(None, call.settings) as lake:
        rows = upkeep.history(lake, name, limit)
    call.screen.show(rows, lambda: table(rows))


def optimize(
    call: Call,
    names: Names = None,
    zorder: Annotated[
        list[str] | None, typer.Option("--zorder", metavar="COLUMN", help="Cluster by this instead; repeat it.")
    ] = None,
) -> None:
    """Rewrite small files into few large ones, with rows that are looked up together beside each other.

    The folders of live loads become few, too; queries that read the table live pass over it.
    """
    from emberlake.lake import Lake, upkeep

    _there(call)
    with Lake(None, call.settings) as lake, one_bar(call.screen, "Optimizing") as tell:
        done = upkeep.optimize(lake, names, zorder or (), tell)
    shown = [
        {
            "table": row["table"],
            "files": f"{row['files_before']:,} → {row['files_after']:,}",
            "size": f"{size(row['bytes_before'])} → {size(row['bytes_after'])}",
            "clustered by": row["clustered_by"],
        }
        for row in done
    ]
    call.screen.show(done, lambda: table(shown))


def vacuum(
    call: Call,
    names: Names = None,
    hours: Annotated[int, typer.Option("--retain-hours", help="Keep what versions of this time need.")] = 168,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go, and remove nothing.")] = False,
) -> None:
    """Delete files that no version of the last week needs; older versions can then not be read any more."""
    from emberlake.lake import Lake, upkeep

    _there(call)
    with Lake(None, call.settings) as lake, one_bar(call.screen, "Vacuuming") as tell:
        done = upkeep.vacuum(lake, names, hours, dry_run, tell)
    shown = [{"table": row["table"], "files": row["files"], "size": size(row["bytes"])} for row in done if row["files"]]
    call.screen.show(done, lambda: table(shown, "Would be removed" if dry_run else "Removed"))


def restore(
    call: Call,
    name: Name,
    version: Annotated[int | None, typer.Option("--version", help="As this version was.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="TIME", help="As it was then, UTC.")] = None,
) -> None:
    """Put a table back to an earlier version, as a new version; nothing is lost (`lake history` lists them)."""
    from emberlake.lake import Lake, upkeep

    _there(call)
    if (version is None) == (as_of is None):
        raise SettingsError("restore takes --version or --as-of.", f"emberlake lake history {name} lists the versions.")
    with Lake(None, call.settings) as lake:
        done = upkeep.restore(lake, name, version, as_of)
    call.screen.show(done, lambda: table([done]))


def diff(
    call: Call,
    name: Name,
    before: Annotated[int, typer.Option("--from", metavar="VERSION", help="The earlier version.")],
    after: Annotated[int | None, typer.Option("--to", metavar="VERSION", help="Default: the newest.")] = None,
    limit: Annotated[int, typer.Option("--limit", help="Rows shown of each kind.")] = 20,
) -> None:
    """Show which rows came, went and changed between two versions of a table."""
    from emberlake.lake import Lake, upkeep

    _there(call)
    with Lake(None, call.settings) as lake, one_bar(call.screen, "Comparing"):
        found = upkeep.diff(lake, name, before, after, limit)
    counts = {key: found[key] for key in ("table", "from", "to", "added", "removed", "changed")}
    call.screen.show(found, lambda: [table([counts]), "", table(found["rows"])])


for _function, _examples in (
    (loads, ("emberlake lake loads", "emberlake lake loads --source orders --json")),
    (catalog, ("emberlake lake catalog", "emberlake lake catalog gold.daily_sales")),
    (rules, "emberlake lake rules --source orders"),
    (history, "emberlake lake history silver.orders"),
    (optimize, ("emberlake lake optimize", "emberlake lake optimize silver.orders --zorder ordered_at")),
    (vacuum, ("emberlake lake vacuum --dry-run", "emberlake lake vacuum --retain-hours 24")),
    (restore, "emberlake lake restore silver.orders --version 3"),
    (diff, "emberlake lake diff gold.daily_sales --from 0 --to 1"),
):
    command(app, _function.__name__, _examples)(_function)
