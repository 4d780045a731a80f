"""`synth` and `import`: where the rows come from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emberlake.cli.command import Call, command
from emberlake.cli.inspection import inspection_view
from emberlake.cli.meter import one_bar
from emberlake.cli.screen import table
from emberlake.errors import SettingsError, SourceError
from emberlake.steps import claim_root
from emberlake.steps.lock import build_lock

if TYPE_CHECKING:
    from emberlake.lake.feeds import Feed


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "synth", ("emberlake synth --scale 200", "emberlake synth --tpch 1"), shown=("seed", "scale"))(_synth)
    examples = (
        "emberlake import orders.csv --as orders --dry-run",
        "emberlake import 'exports/*.csv.gz' --as orders --map mapping.yaml --decimal ,",
    )
    command(app, "import", examples)(_import)


def _synth(
    call: Call,
    tpch: Annotated[float | None, typer.Option("--tpch", metavar="SCALE", help="Make TPC-H's tables instead.")] = None,
) -> None:
    """Make source files: a shop of any size with known truth in it, or TPC-H. `emberlake up` then builds on them.

    One seed, one shop: the same values whatever the machine. A second run on the same seed and scale does nothing.
    """
    from emberlake import synth

    claim_root(call.settings)
    with one_bar(call.screen, "Making") as tell, build_lock(call.settings, wait=False, waiting=lambda who: None):
        if tpch is None:
            synth.write_shop(call.settings, tell)
        else:
            synth.write_tpch(call.settings, tpch, tell)
    prefix = "tpch_" if tpch is not None else ""
    rows = [
        {"table": folder.name, "files": len(files), "bytes": sum(file.stat().st_size for file in files)}
        for folder in sorted(call.settings.landing.iterdir())
        if folder.is_dir() and folder.name.startswith("tpch_") == bool(prefix)
        for files in [[file for file in folder.rglob("*") if file.is_file()]]
    ]
    call.screen.show(
        {"landing": str(call.settings.landing), "tables": rows},
        lambda: [table(rows), f"\nUnder {call.settings.landing}. Next: emberlake up"],
    )


def _import(
    call: Call,
    paths: Annotated[list[str], typer.Argument(metavar="PATHS…", help="Files, folders or globs (quote a glob).")],
    source: Annotated[str, typer.Option("--as", metavar="SOURCE", help="Which table they fill, such as orders.")],
    mapping: Annotated[Path | None, typer.Option("--map", metavar="FILE", help="A mapping.yaml.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the feed; default: of the source.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be read, refused, guessed.")] = False,
    delimiter: Annotated[str | None, typer.Option("--delimiter", help="Such as ; or tab. Guessed.")] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="Such as cp1252. Guessed.")] = None,
    decimal: Annotated[str | None, typer.Option("--decimal", help="Decimal mark, . or , (guessed).")] = None,
    date_format: Annotated[str | None, typer.Option("--date-format", help="Such as %d/%m/%Y. Guessed.")] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="Of the file's money; needs --rate.")] = None,
    rate: Annotated[str | None, typer.Option("--rate", help="How many EUR one unit of it is.")] = None,
) -> None:
    """Take your own files (CSV, JSON lines, Parquet; plain or .gz) as a source. They stay where they are.

    Shows what was guessed; the files are read by the next `emberlake up`, and again when new ones appear.
    """
    given = {"decimal": decimal, "date_format": date_format, "currency": currency, "rate": rate}
    feed = _feed(name, source, paths, mapping, given, {"delimiter": delimiter, "encoding": encoding})
    from emberlake.lake import feeds

    with one_bar(call.screen, "Reading"):
        found = feeds.inspect(feed)
    if len(found.errors) == len(found.files):
        raise SourceError(found.errors[0], "Nothing was imported.")
    if not dry_run:
        claim_root(call.settings)
        feed = feeds.import_feed(call.settings, feed, found)
    call.screen.show({**found.to_dict(), "saved": not dry_run}, lambda: inspection_view(found, saved=not dry_run))


def _feed(
    name: str | None, source: str, paths: list[str], file: Path | None, given: dict[str, Any], dialect: dict[str, Any]
) -> Feed:
    """The feed that the options describe; an option outweighs the mapping's file."""
    from pydantic import ValidationError

    from emberlake.lake import feeds

    feeds.check_source(source)
    mapping = feeds.read_mapping(file, source) if file else feeds.Mapping()
    said = mapping.model_dump(by_alias=True, exclude_unset=True)
    said |= {key: value for key, value in given.items() if value is not None}
    said["dialect"] = said.get("dialect", {}) | {key: value for key, value in dialect.items() if value is not None}
    absolute = tuple(str(Path(path).expanduser().absolute()) for path in paths)
    try:
        return feeds.Feed(name=name or f"my-{source}", source=source, paths=absolute, mapping=feeds.Mapping(**said))
    except ValidationError as e:
        first = e.errors()[0]
        option = re.sub("_", "-", str(first["loc"][-1]))
        message = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"--{option} is {first['input']!r}: {message}.", "See emberlake import --help.") from e
