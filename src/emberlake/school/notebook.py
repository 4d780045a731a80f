"""Notebooks of the course: built by jupytext from percent files, run by nbclient; both come with an optional extra."""

from __future__ import annotations

import base64
import html
import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from emberlake.errors import CourseError
from emberlake.school.copies import place_of
from emberlake.school.course import Course
from emberlake.school.percent import PICTURE

_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
# A cell may build a model; one that runs longer is shown as a fault rather than waited for.
_SECONDS = 300


def need(*packages: str) -> None:
    """Fail where one is not installed.

    Raises:
        CourseError: with the line that installs it.
    """
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        hint = "Install the extra: pip install 'emberlake[jupyter]' (in a checkout: uv sync --extra jupyter)."
        raise CourseError(f"{missing[0]} is not installed; notebooks need it.", hint)


def open_notebook(file: Path, tell: Callable[[Path], None]) -> None:
    """Make the notebook beside the file, unless it is there, and hand it to JupyterLab until that ends.

    Raises:
        CourseError: if the extra is not installed, or JupyterLab does not start.
    """
    need("jupytext", "jupyterlab")
    notebook = file.with_suffix(".ipynb")
    if not notebook.exists():
        # A notebook of one's own is never written over.
        write(as_notebook(file), notebook)
    tell(notebook)
    # Within containers one often is root, which JupyterLab refuses unless told; it listens on loopback, with a token.
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    # Only where it listens is said, and nothing is asked of the network.
    quiet = ["--log-level=CRITICAL", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    quiet += ["--LabApp.news_url=None"]
    command = [sys.executable, "-m", "jupyterlab", str(notebook), *root]
    ended = subprocess.run([*command, *quiet], check=False).returncode
    if ended > 0:
        raise CourseError(f"JupyterLab ended with code {ended}.", f"Its reason is told by: {shlex.join(command)}")


def as_notebook(file: Path) -> Any:
    """A percent file as a notebook without outputs; its pictures are in it."""
    import jupytext

    made = jupytext.read(file, fmt="py:percent")
    made.metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    made.nbformat, made.nbformat_minor = 4, 5
    for place, cell in enumerate(made.cells):
        # Else each building would give other names, and a new file where nothing changed.
        cell["id"] = f"cell-{place}"
        if cell.cell_type == "markdown":
            _embed(cell, file.parent)
    return made


def _embed(cell: Any, folder: Path) -> None:
    """Put pictures into the text: JupyterLab shows no SVG that is an attachment, others no link to such data."""

    def shown(found: re.Match[str]) -> str:
        picture = folder / found["path"]
        if not picture.is_file():
            return found[0]
        content = base64.b64encode(picture.read_bytes()).decode()
        return f'<img alt="{html.escape(found["alt"])}" src="data:image/svg+xml;base64,{content}">'

    cell["source"] = PICTURE.sub(shown, cell["source"])


def write(notebook: Any, path: Path) -> None:
    """Write a notebook, whole or not at all."""
    import nbformat

    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    nbformat.write(notebook, part)
    os.replace(part, path)


def sources(course: Course, exercises: bool) -> Iterator[tuple[Path, Path]]:
    """Percent files, and where their notebooks go: the same places as in a learner's folder.

    Args:
        exercises: the unsolved exercises, too; there is nothing to run in them.
    """
    for module in course.modules:
        for page in (module.lesson, module.failure):
            if page.exists():
                yield page, place_of(course, page).with_suffix(".ipynb")
        for exercise in module.exercises if exercises else ():
            yield exercise.unsolved, exercise.file.with_suffix(".ipynb")
    for each in course.notebooks:
        if each.path.exists():
            yield each.path, place_of(course, each.path).with_suffix(".ipynb")


def build(course: Course, folder: Path, tell: Callable[[Path], None]) -> list[Path]:
    """Build the notebooks of all pages and exercises into a folder, without outputs.

    Raises:
        CourseError: if the extra is not installed, or the folder cannot be written.
    """
    need("jupytext", "nbformat")
    made = []
    for source, place in sources(course, exercises=True):
        tell(place)
        try:
            write(as_notebook(source), folder / place)
        except OSError as e:
            raise CourseError(f"{folder / place} cannot be written: {e.strerror}.", "Name another folder.") from e
        made.append(folder / place)
    return made


def run(course: Course, folder: Path, learner: Path, tell: Callable[[Path], None]) -> list[Path]:
    """Build the notebooks of all pages into a folder, with the outputs of a run from top to bottom.

    Each runs in a process of its own, at the learner's desk.

    Raises:
        CourseError: if the extra is not installed, or a cell fails: which one, and what it raised.
    """
    need("jupytext", "nbformat", "nbclient", "ipykernel")
    made = []
    for source, place in sources(course, exercises=False):
        tell(place)
        notebook = as_notebook(source)
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        run_cells(notebook, place, folder, learner)
        write(notebook, folder / place)
        made.append(folder / place)
    return made


def run_cells(notebook: Any, place: Path, folder: Path, learner: Path) -> None:
    """Run a notebook where it will lie; outputs are put into it."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    at = {"metadata": {"path": str((folder / place).parent)}}
    client = NotebookClient(notebook, timeout=_SECONDS, kernel_name="python3", resources=at)
    try:
        client.execute(env=os.environ | {"EMBERLAKE_COURSE_FOLDER": str(learner)})
    except CellExecutionError as e:
        said = f"{e.ename}: {(str(e.evalue).strip().splitlines() or [''])[0][:300]}"
        failed = _failed(notebook)
        raise CourseError(f"{place}, cell {failed}: {said}", "The notebook was not written.") from e
    except CellTimeoutError as e:
        raise CourseError(f"{place}: a cell ran for more than {_SECONDS} seconds.", "It was not written.") from e


def _failed(notebook: Any) -> int:
    for place, cell in enumerate(notebook.cells, 1):
        if any(output.output_type == "error" for output in cell.get("outputs", ())):
            return place
    return 0
