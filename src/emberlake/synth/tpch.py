"""TPC-H beside the shop: the official generator's files, under the names of our tables."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from emberlake.errors import EmberlakeError, SettingsError
from emberlake.progress import Progress
from emberlake.synth.files import replace_with
from emberlake.synth.shop import writing

if TYPE_CHECKING:
    # Workers need no settings, and pydantic takes longer to import than a block to make.
    from emberlake.settings import Settings

TABLES = ("region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem")
TOOL = "tpchgen-cli"
# Parquet of scale factor 1, for the progress only.
_BYTES_AT_SCALE_1 = 380e6


def write_tpch(settings: Settings, scale: float, progress: Progress) -> dict[str, Path]:
    """Make TPC-H of that scale factor: `landing/tpch_<table>/tpch_<table>.parquet`; a second run does nothing.

    Args:
        scale: TPC-H's scale factor; 1 is 8.7 million rows.

    Returns:
        The file of each table, by our table's name.

    Raises:
        SettingsError: if the scale is not above zero, or another one lies there.
        EmberlakeError: if the generator is missing or fails, or the disk is full or not writable.
    """
    if not scale > 0:
        raise SettingsError(f"TPC-H has no scale factor {scale:g}.", "Give one above 0, such as --tpch 1.")
    landing = settings.landing
    files = {f"tpch_{table}": landing / f"tpch_{table}" / f"tpch_{table}.parquet" for table in TABLES}
    with writing(landing):
        manifest = landing / "tpch.json"
        begun = json.loads(manifest.read_text()) if manifest.exists() else {"scale": scale}
        if begun["scale"] != scale:
            raise SettingsError(
                f"{landing} holds TPC-H of scale factor {begun['scale']:g}, not {scale:g}.",
                "Give that one, another --root, or remove it with `emberlake clean`.",
            )
        replace_with(manifest, lambda to: to.write_text(json.dumps(begun)))
        missing = [table for table in TABLES if not files[f"tpch_{table}"].exists()]
        if missing:
            _make(missing, scale, files, landing / ".tpch-making", progress)
        progress("TPC-H is there", 1.0)
    return files


def _make(missing: list[str], scale: float, files: dict[str, Path], workshop: Path, progress: Progress) -> None:
    """Let the generator work in a folder of its own, and move what is whole."""
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir()
    try:
        command = ["parquet", "-s", f"{scale:g}", "--tables", ",".join(missing), "--output-dir", str(workshop)]
        _run(command, lambda: progress("TPC-H", min(0.97, _size(workshop) / (_BYTES_AT_SCALE_1 * scale))))
        for table in missing:
            target = files[f"tpch_{table}"]
            target.parent.mkdir(exist_ok=True)
            (workshop / f"{table}.parquet").replace(target)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _size(folder: Path) -> int:
    return sum(entry.stat().st_size for entry in folder.iterdir())


def tool_path() -> str:
    """Where the generator is.

    Raises:
        EmberlakeError: if it is nowhere.
    """
    # Beside the interpreter first: an environment that was not activated is not on PATH.
    beside = Path(sys.executable).with_name(TOOL)
    tool = str(beside) if beside.exists() else shutil.which(TOOL)
    if tool is None:
        raise EmberlakeError(
            f"{TOOL} is neither beside {sys.executable} nor on PATH.", f"Install it: `uv pip install {TOOL}`."
        )
    return tool


def _run(arguments: list[str], tick: Callable[[], None]) -> None:
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen([tool_path(), *arguments], stdout=said, stderr=said)
        try:
            while child.poll() is None:
                tick()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(0.2)
        finally:
            # An interrupted run leaves no generator behind.
            child.kill()
            child.wait()
        if child.returncode:
            said.seek(0)
            last = said.read().strip().splitlines()[-1:] or ["it said nothing"]
            raise EmberlakeError(
                f"{TOOL} ended with {child.returncode}: {last[0]}.",
                "Check the disk's free space, and the scale factor.",
            )
