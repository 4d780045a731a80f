"""What `up` says at the end, from what is on the disk: the same after a run that did nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from emberlake.settings import Settings
from emberlake.steps.job import Run
from emberlake.steps.record import read_runs


@dataclass
class Summary:
    """The state of the lakehouse, and what the last run took.

    Attributes:
        did: names of the steps that this command ran; empty: all was up to date.
        loads: files taken in, over all time; `read` = `accepted` + `refused` + `deleted` rows.
        refused_by_rule: `source.rule` to rows, largest first.
        tables: layer to table to rows.
        left_out: files that could not be read at all: `problem` and `hint`.
        headlines: the five figures, each with name, value and unit.
        models: one entry a model, in the order of training: what it reached and beside which baseline, or why there is
            none.
        graphs: figures of who follows and invites whom, or why there are none (`why_not`); empty: never built.
        live: what scoring live orders showed, or why it was not shown (`why_not`); empty: never run.
        steps: name, seconds, peak in bytes, of each step's last run.
        places: what is where.
    """

    did: list[str]
    seconds: float
    peak_bytes: int
    engine: str
    engine_seconds: float
    loads: dict[str, int]
    refused_by_rule: dict[str, int]
    left_out: list[dict[str, str]]
    tables: dict[str, dict[str, int]]
    headlines: list[dict[str, Any]]
    reports: dict[str, Any]
    models: list[dict[str, Any]]
    graphs: dict[str, Any]
    live: dict[str, Any]
    steps: list[dict[str, Any]]
    places: dict[str, str] = field(default_factory=dict)


def summarize(settings: Settings, run: Run) -> Summary:
    """The summary of the root after `run`."""
    runs = read_runs(settings)
    loads, refused = _loads(settings)
    reports = runs["reports"].figures if "reports" in runs else {}
    tables = runs["catalog"].figures.get("tables", {}) if "catalog" in runs else {}
    # The tables' engine: the first, for models and what shares their process have another.
    engines = [step for step in runs.values() if step.engine]
    return Summary(
        did=[step.name for step in run.did],
        seconds=run.seconds,
        peak_bytes=run.peak or max((step.peak for step in runs.values()), default=0),
        engine=engines[0].engine if engines else "",
        engine_seconds=engines[0].engine_seconds if engines else 0.0,
        loads=loads,
        refused_by_rule=refused,
        left_out=runs["bronze"].figures.get("failures", []) if "bronze" in runs else [],
        tables=tables,
        headlines=reports.get("headlines", []),
        reports={key: value for key, value in reports.items() if key != "headlines"},
        models=runs["models"].figures.get("models", []) if "models" in runs else [],
        graphs=_graphs(runs["graphs"].figures) if "graphs" in runs else {},
        live=runs["live"].figures if "live" in runs else {},
        steps=[{"name": step.name, "seconds": step.seconds, "peak_bytes": step.peak} for step in runs.values()],
        places={
            "tables": str(settings.lake),
            "reports": str(settings.reports),
            "models": str(settings.models),
            "logs": str(settings.logs),
            "everything": str(settings.root),
        },
    )


def _graphs(figures: dict[str, Any]) -> dict[str, Any]:
    return {**figures["figures"], "why_not": figures["why_not"]}


def _loads(settings: Settings) -> tuple[dict[str, int], dict[str, int]]:
    from emberlake.lake.ledger import Ledger

    path = settings.state / "ledger.sqlite"
    if not path.exists():
        return {}, {}
    ledger = Ledger(path)
    loads = ledger.loads()
    ledger.close()
    totals = {"files": len(loads)}
    for figure in ("read", "accepted", "deleted", "refused"):
        totals[figure] = sum(int(str(load[figure] or 0)) for load in loads)
    refused: dict[str, int] = {}
    for load in loads:
        for rule, rows in load["refused_by_rule"].items():  # type: ignore[attr-defined]
            name = f"{load['source']}.{rule}"
            refused[name] = refused.get(name, 0) + rows
    return totals, dict(sorted(refused.items(), key=lambda item: -item[1]))
