"""What `import` found in the files, as it looks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from emberlake.cli.screen import cell, table

if TYPE_CHECKING:
    from emberlake.lake.feeds.inspection import FileInspection, Inspection


def inspection_view(found: Inspection, saved: bool) -> Iterator[RenderableType]:
    """File by file: how it is written, where columns come from, what was guessed and what cannot be read."""
    for file in found.files:
        yield from _file(file, found)
    good = found.rows - found.unread_rows
    yield Text(
        f"{cell(good)} of {cell(found.rows)} rows can be read; the rules of the lake come after that.", style="bold"
    )
    yield Text(
        f"Saved as feed {found.feed!r}. Next: emberlake up"
        if saved
        else "Nothing was saved; leave --dry-run out to import.",
        style="dim",
    )


def _file(file: FileInspection, found: Inspection) -> Iterator[RenderableType]:
    yield Text(file.path, style="bold")
    if file.error:
        yield Text(f"  Left out: {file.error}\n", style="red")
        return
    yield Text(f"  {_written(file)}, {cell(file.rows)} rows")
    rows = [_column(name, required, file) for name, required in found.columns.items()]
    yield table([row for row in rows if row["from"] != "–" or row["note"]])
    absent = [name for name in file.missing if name not in file.defaults and name not in file.constants]
    if absent:
        yield Text(f"  Not in the file (empty): {', '.join(absent)}", style="dim")
    if file.extra:
        yield Text(f"  Not read: {', '.join(file.extra)}", style="dim")
    for guess in file.guesses:
        if not guess.sure:
            yield Text(f"  Please check {guess.column}: {guess.hint}", style="yellow")
    if file.unread_rows:
        go = "row goes" if file.unread_rows == 1 else "rows go"
        yield Text(f"\n  {cell(file.unread_rows)} {go} to quarantine; the first:", style="yellow")
        for sentence in file.sentences:
            yield Text(f"  {sentence}")
    yield ""


def _written(file: FileInspection) -> str:
    parts = [file.format + (" (compressed)" if file.compressed else "")]
    if file.delimiter:
        parts.append(f"separated by {'tab' if file.delimiter == chr(9) else file.delimiter}")
    if file.encoding:
        parts.append(file.encoding)
    if file.header is not None:
        parts.append("with a header" if file.header else "without a header")
    return ", ".join(parts)


def _column(name: str, required: bool, file: FileInspection) -> dict[str, str]:
    origin = file.mapped.get(name)
    if origin is None and name in file.constants:
        origin = f"always {file.constants[name]!r}"
    if origin is None and name in file.defaults:
        origin = f"({file.defaults[name]})"
    notes = [f"{guess.what} {guess.value!r} (guessed)" for guess in file.guesses if guess.column == name]
    if name in file.unread:
        notes.append(f"{cell(file.unread[name])} cannot be read")
    if required and origin is None:
        notes.append("a row needs it: give it with --map")
    return {"column": name, "from": origin or "–", "note": "; ".join(notes)}
