"""Metrics: one .sql file each, which says what happened to whom and how much it counts; the rest is common to all."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emberlake.errors import LakeError, TrialError
from emberlake.tables import find

_FRONT_MATTER = re.compile(r"\A/\*\n(?P<yaml>.*?)\n\*/\n(?P<sql>.*)\Z", re.DOTALL)


class TrialMetric(BaseModel):
    """A metric of a trial.

    Its SELECT gives one row for each thing that happened from `:since` to before `:until` (timestamps, UTC): user_id
    (long), happened_at (timestamp), numerator and denominator (double).

    Attributes:
        kind: `share`: users with a numerator above 0; `mean`: the numerator's sum, a user; `ratio`: the numerator's sum
            over the denominator's, of all users of a variant.
        better: which direction is good for the shop.
        margin: as a guardrail: the relative worsening that would still be accepted.
        reads: table to the columns that must hold a value somewhere; an empty list asks for rows only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str = Field(min_length=5)
    meaning: str = Field(min_length=10)
    kind: Literal["share", "mean", "ratio"]
    unit: Literal["share", "EUR", "orders"]
    better: Literal["higher", "lower"]
    margin: float = Field(0.05, gt=0, lt=1)
    reads: dict[str, tuple[str, ...]]
    sql: str

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return 1 if self.better == "higher" else -1


def parse_metric(name: str, text: str) -> TrialMetric:
    """A metric from its file's text.

    Raises:
        TrialError: if the front matter is missing or wrong, or names a table or column that is not there.
    """
    found = _FRONT_MATTER.match(text.replace("\r\n", "\n"))
    if not found:
        raise TrialError(f"{name}.sql does not begin with its front matter.", "`/*`, YAML, `*/`, then one SELECT.")
    try:
        front: Any = yaml.safe_load(found["yaml"])
        metric = TrialMetric(name=name, sql=found["sql"].strip().rstrip(";"), **front)
        for table, columns in metric.reads.items():
            if unknown := set(columns) - set(find(table).names):
                raise TrialError(f"{name}.sql: {table} has no column {sorted(unknown)}.")
    except (yaml.YAMLError, ValidationError, TypeError, LakeError) as e:
        raise TrialError(f"{name}.sql: its front matter is wrong: {str(e).splitlines()[0]}.") from e
    return metric


@cache
def _catalog() -> dict[str, TrialMetric]:
    folder = files("emberlake.trials") / "sql"
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    names = [file.name.removesuffix(".sql") for file in found]
    return {n: parse_metric(n, file.read_text(encoding="utf-8")) for n, file in zip(names, found, strict=True)}


def trial_metrics() -> list[TrialMetric]:
    """All metrics, by name."""
    return list(_catalog().values())


def find_metric(name: str) -> TrialMetric:
    """The metric of that name; dashes are taken for underscores.

    Raises:
        TrialError: if there is none; the message names the nearest.
    """
    metrics, asked = _catalog(), name.strip().lower().replace("-", "_")
    if asked in metrics:
        return metrics[asked]
    close = get_close_matches(asked, metrics, 1)
    meant = f"Did you mean {close[0]!r}? " if close else ""
    raise TrialError(f"There is no metric {name!r}.", f"{meant}There are: {', '.join(metrics)}.")
