"""A page as a percent file: cells of text and of code, as editors, Jupyter and this terminal show them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_CELL = re.compile(r"^# %%(?P<head>.*)$")
PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<path>pictures/[^)\s]+)\)")


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        markdown: whether it is text; its text is without the comment signs then.
        line: where it begins in the file.
    """

    markdown: bool
    text: str
    line: int


def cells(path: Path) -> list[Cell]:
    """The cells of a percent file; what stands before the first mark is none."""
    found: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if mark := _CELL.match(line):
            found.append((number, mark["head"], []))
        elif found:
            found[-1][2].append(line)
    made = []
    for number, head, lines in found:
        markdown = "[markdown]" in head
        text = "\n".join(re.sub(r"^# ?", "", line) if markdown else line for line in lines)
        made.append(Cell(markdown, text.strip("\n"), number))
    return made


def words(path: Path) -> str:
    """The text of all markdown cells."""
    return "\n\n".join(cell.text for cell in cells(path) if cell.markdown)


def heading(path: Path) -> str:
    """The first heading, without its sign."""
    return next((line.lstrip("# ") for line in words(path).splitlines() if line.startswith("#")), path.stem)
