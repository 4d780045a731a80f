"""Files written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def replace_text(path: Path, text: str) -> Path:
    """Put `text` into the file in one step; a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.part")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)
    return path
