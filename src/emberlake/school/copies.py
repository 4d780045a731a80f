"""The learner's own copies of the course's pages: made once, renewed only while they are as they were copied."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from emberlake.school.course import Course

_NOTES = "pages.json"


def place_of(course: Course, page: Path) -> Path:
    """Where a page lies below the learner's folder: a module's beside its exercises, others as in the course."""
    place = page.relative_to(course.folder)
    return Path(*place.parts[1:]) if place.parts[0] == "modules" else place


def pages(course: Course) -> Iterator[Path]:
    """All pages that a learner gets, as far as they are there."""
    for module in course.modules:
        yield from (page for page in (module.lesson, module.failure, *module.pictures) if page.exists())
    yield from (each.path for each in (*course.workshop, *course.starters) if each.path.exists())
    yield from course.documents


def copy_pages(course: Course, folder: Path, state: Path) -> list[Path]:
    """Copy what is missing, and what the course has anew where the copy was not changed.

    Args:
        course: where the pages come from.
        folder: the learner's.
        state: where it is noted how each copy looked; without the note a copy that differs counts as changed.

    Returns:
        The copies that were written.
    """
    noted, written = _noted(state), []
    for page in pages(course):
        place = place_of(course, page)
        copy, wanted = folder / place, _digest(page)
        if not copy.exists() or (_digest(copy) != wanted and noted.get(str(place)) == _digest(copy)):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(page, copy)
            written.append(copy)
        if _digest(copy) == wanted:
            noted[str(place)] = wanted
    state.mkdir(parents=True, exist_ok=True)
    (state / _NOTES).write_text(json.dumps(noted, indent=1) + "\n", encoding="utf-8")
    return written


def copy_of(course: Course, folder: Path, page: Path) -> Path:
    """The learner's copy of a page and of the pictures beside it; copied now where it is missing."""
    copy = folder / place_of(course, page)
    for source in (page, *sorted((page.parent / "pictures").glob("*.svg"))):
        target = folder / place_of(course, source)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    return copy


def _noted(state: Path) -> dict[str, str]:
    try:
        told = json.loads((state / _NOTES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
