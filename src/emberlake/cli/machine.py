"""`doctor`, `prepare` and `clean`: this machine and what lies on it."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from typing import Annotated

import typer

from emberlake.cli.command import Call, command
from emberlake.cli.meter import one_bar
from emberlake.cli.screen import cell, size, table
from emberlake.errors import LakeError
from emberlake.steps import claim_root, holdings
from emberlake.steps.lock import build_lock
from emberlake.steps.root import MARKER


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "doctor", ("emberlake doctor", "emberlake doctor --json"))(_doctor)
    command(app, "prepare", "emberlake prepare", shown=("cache", "java_home"))(_prepare)
    command(app, "clean", ("emberlake clean", "emberlake clean --dry-run --root other"))(_clean)


def _doctor(call: Call) -> None:
    """Try everything that Emberlake needs on this machine, and say what to do about what does not work.

    Ends with READY or CAVEATS (exit code 0), or BLOCKED (exit code 1).
    """
    from emberlake.engine import doctor

    claim_root(call.settings)
    with one_bar(call.screen, "Examining") as tell:
        diagnosis = doctor.examine(call.settings, tell)
    rows = [asdict(check) for check in diagnosis.checks]
    call.screen.show({"verdict": diagnosis.verdict, "checks": rows}, lambda: [table(rows), f"\n{diagnosis.verdict}"])
    if diagnosis.verdict == "BLOCKED":
        raise typer.Exit(1)


def _prepare(call: Call) -> None:
    """Fetch the JARs of Spark and Kafka into the user's cache, so that all else works with the network off."""
    from emberlake.engine import prepare

    with one_bar(call.screen, "Preparing") as tell:
        prepare(call.settings, tell)
    call.screen.show({"cache": str(call.settings.cache)}, lambda: f"Ready. The JARs are in {call.settings.cache}.")


def _clean(
    call: Call,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be removed, and remove nothing.")] = False,
) -> None:
    """Show what Emberlake wrote under the root, ask, and remove it. Nothing else in that folder is touched."""
    settings = call.settings
    found = holdings(settings)
    total = sum(holding.bytes for holding in found)
    shown = [{"folder": h.name, "what": h.what, "files": h.files, "size": size(h.bytes)} for h in found]

    def view() -> list[object]:
        return [table(shown, f"Under {settings.root}"), f"{size(total)} in all"]

    answer = {"root": str(settings.root), "bytes": total, "folders": [asdict(h) for h in found], "removed": False}
    if dry_run:
        call.screen.show(answer, view)  # type: ignore[arg-type]
        return
    if not call.screen.as_json:
        call.screen.show(answer, view)  # type: ignore[arg-type]
    _no_streams(call)
    if not yes and not call.screen.confirm(f"Remove {cell(sum(h.files for h in found))} files?"):
        raise LakeError("Nothing was removed.", "Answer y, or add --yes where nobody can answer.")
    # The ledger and the lock lie here: not while a build runs, and not while a stream writes.
    _no_streams(call)
    with build_lock(settings, wait=False, waiting=lambda who: None):
        _no_broker(call)
        # Asked for again: the lock itself is one of them.
        for holding in holdings(settings):
            shutil.rmtree(holding.path)
        (settings.root / MARKER).unlink()
    try:
        settings.root.rmdir()
    except OSError:
        call.screen.note(f"{settings.root} stays: something else is in it.")
    call.screen.show(answer | {"removed": True}, lambda: f"Removed {size(total)}.")


def _no_broker(call: Call) -> None:
    from emberlake.engine.kafka import stop_broker

    # Its messages go with the rest: nobody is left to serve them to.
    if stop_broker(call.settings) is not None:
        call.screen.note("The Kafka broker of this root ran and was stopped.")


def _no_streams(call: Call) -> None:
    from emberlake.streams.running import running_streams

    if running := running_streams(call.settings):
        raise LakeError(
            f"Nothing was removed: {', '.join(running)} {'runs' if len(running) == 1 else 'run'}.",
            "End what runs first: emberlake stream stop.",
        )
