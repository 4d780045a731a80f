"""The one folder that runs write to: claimed before the first write, so that `clean` removes nobody else's files."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from emberlake.errors import LakeError, SettingsError
from emberlake.settings import Settings

MARKER = ".made-by-emberlake"
_NOTE = "Made by Emberlake; `emberlake clean --root <this folder>` removes it."


@dataclass(frozen=True)
class Holding:
    """One folder under the root: what it is and its size."""

    name: str
    path: Path
    what: str
    files: int
    bytes: int


def _folders(settings: Settings) -> dict[Path, str]:
    return {
        settings.landing: "source files of the made shop",
        settings.lake: "tables: bronze, silver, gold, quarantine",
        settings.state: "ledger, feeds and locks",
        settings.models: "trained models, their runs and cards",
        settings.trials: "A/B tests: plans, exposures, readings",
        settings.reports: "written reports and the data dictionary",
        settings.logs: "what the engines said",
        settings.scratch: "temporary files",
    }


def claim_root(settings: Settings) -> None:
    """Make the root and mark it as ours.

    Raises:
        SettingsError: if it is a file, or a folder with something in it that Emberlake did not put there.
        LakeError: if it cannot be written.
    """
    root, marker = settings.root, settings.root / MARKER
    if marker.exists():
        return
    if root.exists() and not root.is_dir():
        raise SettingsError(f"The root {root} is a file.", "Give a folder: --root FOLDER.")
    strangers = sorted(set(os.listdir(root)) - {path.name for path in _folders(settings)}) if root.exists() else []
    if strangers:
        raise SettingsError(
            f"The root {root} holds {strangers[0]!r}, which Emberlake did not write.",
            "Give a folder that is empty or not there yet: --root FOLDER.",
        )
    try:
        root.mkdir(parents=True, exist_ok=True)
        marker.write_text(json.dumps({"note": _NOTE, "layout": 1}) + "\n")
    except OSError as e:
        raise LakeError(
            f"The root {root} cannot be written: {e.strerror}.", "Choose a --root that you can write to."
        ) from e


def holdings(settings: Settings) -> list[Holding]:
    """What lies under the root, and how much of it.

    Raises:
        SettingsError: if the root is not there, or does not bear Emberlake's marker.
    """
    if not settings.root.exists():
        raise SettingsError(f"There is no {settings.root}; nothing to remove.", "Name another with --root FOLDER.")
    if not (settings.root / MARKER).exists():
        raise SettingsError(
            f"{settings.root} does not bear Emberlake's mark ({MARKER}), so nothing in it is touched.",
            "If it is yours to delete, delete it yourself; otherwise give the right --root.",
        )
    found = []
    for path, what in _folders(settings).items():
        if path.exists():
            files, size = _measure(path)
            found.append(Holding(path.name, path, what, files, size))
    return found


def _measure(path: Path) -> tuple[int, int]:
    files = size = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                size += os.lstat(os.path.join(folder, name)).st_size
                files += 1
            except OSError:
                continue  # gone meanwhile
    return files, size
