"""The learner's own copies of the course's pages: made once, renewed only while they are as they were copied."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from emberlake.school.course import Course

_NOTES = "pages.json"
_LINK = re.compile(r"\]\((?!https?:|#|mailto:|pictures/)(?P<link>[^)\s#]+)")


def place_of(course: Course, page: Path) -> Path:
    """Where a page lies below the learner's folder: a module's beside its exercises, others as in the course."""
    place = page.relative_to(course.folder)
    return Path(*place.parts[1:]) if place.parts[0] == "modules" else place


def pages(course: Course) -> Iterator[Path]:
    """All pages that a learner gets, as far as they are there."""
    for module in course.modules:
        yield from (page for page in (module.lesson, module.failure, *module.pictures) if page.exists())
    yield from (each.path for each in course.notebooks if each.path.exists())
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
        place, content = place_of(course, page), _content(course, page)
        copy, wanted = folder / place, _digest(content)
        held = _digest(copy.read_bytes()) if copy.exists() else None
        if held is None or (held != wanted and noted.get(str(place)) == held):
            _write(copy, content)
            written.append(copy)
            held = wanted
        if held == wanted:
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
            _write(target, _content(course, source))
    return copy


def linked(course: Course, page: Path, link: str) -> Path | None:
    """The page that a link of a page leads to, as the course's folders lie; None where no learner has it."""
    target = Path(os.path.normpath(page.parent / link))
    return target if target in set(pages(course)) else None


def _content(course: Course, page: Path) -> bytes:
    """A page as a learner gets it: links to other pages lead to the learner's own."""
    if page.suffix not in (".py", ".md"):
        return page.read_bytes()
    here = place_of(course, page).parent

    def moved(found: re.Match[str]) -> str:
        target = linked(course, page, found["link"])
        return f"]({os.path.relpath(place_of(course, target), here)}" if target else found[0]

    return _LINK.sub(moved, page.read_text(encoding="utf-8")).encode()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _noted(state: Path) -> dict[str, str]:
    try:
        told = json.loads((state / _NOTES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
