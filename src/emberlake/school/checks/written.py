"""Checks of what was written: the log of a Delta table in the scratch folder tells how it came about."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path

from emberlake.school.checks.evidence import Evidence
from emberlake.school.checks.finding import Finding


def commits_below(room: Path) -> dict[str, tuple[str, ...]]:
    """The operation of each commit after the first, oldest first, of each Delta table directly in a folder."""
    return {
        log.parent.name: tuple(_operation(commit) for commit in sorted(log.glob("*.json"))[1:])
        for log in sorted(room.glob("*/_delta_log"))
    }


def commits(evidence: Evidence, table: str, operation: str = "", most: int = 0) -> Finding | None:
    """`lake.scratch(table)` was changed: by an operation, where one is named, and in at most so many commits."""
    found = evidence.commits.get(table)
    look = f'Look at spark.sql("DESCRIBE HISTORY delta.`…`") of lake.scratch("{table}").'
    if found is None:
        what, came = f"No Delta table {table} was written.", ", ".join(evidence.commits) or "no table"
        return Finding("commits", what, f'a Delta table in lake.scratch("{table}")', came, look)
    came = ", ".join(found) or "nothing after the first write"
    if operation and operation not in found or not found:
        how = f"by a {operation}" if operation else "after it was written"
        what = f"{table} was not changed {how}."
        return Finding("commits", what, f"the first write, then {operation or 'a change'}", came, look)
    if most and len(found) > most:
        what = f"{table} was changed in more commits than it needs: readers can see it between them."
        return Finding("commits", what, f"at most {most} after the first write", f"{len(found)}: {came}", look)
    return None


def operators_below(room: Path) -> tuple[str, ...]:
    """The operators whose state is in the checkpoints directly in a folder, by Spark's names."""
    found = []
    for told in sorted(room.glob("*/state/*/_metadata/metadata")):
        with suppress(OSError):
            found += re.findall(r'"operatorName":"(\w+)"', told.read_text(encoding="utf-8", errors="replace"))
    return tuple(found)


def state_of(evidence: Evidence, operator: str) -> Finding | None:
    """A stream kept its state in this operator, as its checkpoint tells."""
    if operator in evidence.operators:
        return None
    look = "Look at query.explain(): what keeps state stands in it, and by which rule it ends."
    came = ", ".join(evidence.operators) or "no state in a checkpoint below lake.scratch"
    return Finding("state_of", "The stream's state is not the one asked for.", operator, came, look)


def _operation(commit: Path) -> str:
    try:
        actions = [json.loads(line) for line in commit.read_text(encoding="utf-8").splitlines()]
        return next((str(each["commitInfo"]["operation"]) for each in actions if "commitInfo" in each), "?")
    except (OSError, ValueError, KeyError, TypeError):
        return "?"
