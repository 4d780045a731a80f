"""Which learner's folder is meant: as set, else the one that the running file or the current folder lies in."""

from __future__ import annotations

import sys
from pathlib import Path

from emberlake.settings import Settings

PROGRESS = "progress.json"


def at_hand(settings: Settings) -> Settings:
    """The settings with the learner's folder that one is in; as they are where it was set, or there is none around."""
    if "course_folder" in settings.model_fields_set or _is_learners(settings.course_folder):
        return settings
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    starts = [*([Path(script).absolute().parent] if script else []), Path.cwd()]
    places = [place for start in starts for place in (start, *start.parents)]
    found = next((place for place in places if _is_learners(place)), None)
    return settings.model_copy(update={"course_folder": found}) if found else settings


def _is_learners(folder: Path) -> bool:
    # Others keep a progress.json, too.
    try:
        return '"exercises"' in (folder / PROGRESS).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
