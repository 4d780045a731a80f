"""TPC-H beside the shop: the official generator's files, under the names of our tables."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from emberlake.errors import EmberlakeError, SettingsError
from emberlake.progress import Progress
from emberlake.settings import Settings
from emberlake.synth.files import replace_with
from emberlake.synth.shop import writing

TABLES = ("region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem")
TOOL = "tpchgen-cli"
# Rows of each table as a share of all, for the progress.
_WEIGHTS = (0.001, 0.001, 0.005, 0.02, 0.025, 0.09, 0.17, 0.68)


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
        done = 0.0
        for table, weight in zip(TABLES, _WEIGHTS, strict=True):
            progress(f"TPC-H's {table}", done)
            if not files[f"tpch_{table}"].exists():
                _make(table, scale, files[f"tpch_{table}"])
            done = min(1.0, done + weight)
        progress("TPC-H is there", 1.0)
    return files


def _make(table: str, scale: float, target: Path) -> None:
    """One table, in a folder of its own until it is whole."""
    workshop = target.parent / ".making"
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir(parents=True)
    try:
        _run("parquet", "-s", f"{scale:g}", "--tables", table, "--output-dir", str(workshop))
        (workshop / f"{table}.parquet").replace(target)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _run(*arguments: str) -> None:
    # Beside the interpreter first: an environment that was not activated is not on PATH.
    beside = Path(sys.executable).with_name(TOOL)
    tool = str(beside) if beside.exists() else shutil.which(TOOL)
    if tool is None:
        raise EmberlakeError(
            f"{TOOL} is neither beside {sys.executable} nor on PATH.", f"Install it: `uv pip install {TOOL}`."
        )
    result = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)
    if result.returncode:
        said = (result.stderr or result.stdout).strip().splitlines()
        raise EmberlakeError(
            f"{TOOL} ended with {result.returncode}: {said[-1] if said else 'it said nothing'}.",
            "Check the disk's free space, and the scale factor.",
        )
