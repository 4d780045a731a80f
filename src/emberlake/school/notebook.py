"""An exercise as a notebook: made by jupytext, opened by Jupyter, both an optional extra."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from emberlake.errors import CourseError


def open_notebook(file: Path, tell: Callable[[Path], None]) -> None:
    """Make the notebook beside the file, unless it is there, and hand it to JupyterLab until that ends.

    Raises:
        CourseError: if the extra is not installed.
    """
    missing = [name for name in ("jupytext", "jupyterlab") if importlib.util.find_spec(name) is None]
    if missing:
        raise CourseError(f"{missing[0]} is not installed.", "Install the extra: pip install 'emberlake[jupyter]'")
    import jupytext

    notebook = file.with_suffix(".ipynb")
    if not notebook.exists():
        # A notebook of one's own is never written over.
        jupytext.write(jupytext.read(file), notebook)
    tell(notebook)
    subprocess.run([sys.executable, "-m", "jupyterlab", str(notebook)], check=False)
