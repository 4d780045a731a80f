"""`docs/performance.md`, written from the results: the prose of `bench/page.md` with the tables put in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.stage import REPOSITORY

PAGE = REPOSITORY / "docs" / "performance.md"
TEMPLATE = Path(__file__).with_name("page.md")
_VERDICTS = {True: "yes", False: "**no**", None: "stated"}


def write_page(rows: Sequence[dict[str, Any]], path: Path = PAGE) -> None:
    """Write the page."""
    path.write_text(render(rows), encoding="utf-8")


def render(rows: Sequence[dict[str, Any]], template: str | None = None) -> str:
    """The page's text."""
    text = TEMPLATE.read_text(encoding="utf-8") if template is None else template
    for name, make in (("table", _table), ("cost", _cost), ("beside", _beside), ("machine", _machine)):
        text = text.replace("{{" + name + "}}", "\n".join(make(rows)))
    return text


def figure(value: float | None) -> str:
    """A number as the table shows it."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def verdict(row: dict[str, Any]) -> str:
    """Whether the goal is reached, in a word."""
    if row.get("error"):
        return "error"
    # A figure of another size than the goal is about neither keeps nor breaks it.
    if row["holds"] is not None and row["scale"] != row["asked_scale"]:
        return f"{'yes' if row['holds'] else 'no'}, at another scale"
    return _VERDICTS[row["holds"]]


def at(row: dict[str, Any]) -> str:
    """The scale; and the one that was asked for, if it is another."""
    return f"{row['scale']:g}" + (f" (asked: {row['asked_scale']:g})" if row["scale"] != row["asked_scale"] else "")


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    if not rows:
        return ["Nothing was measured yet."]
    lines = ["| row | what | scale | ours | peer | held against | ratio | goal | holds | runs | spread |",
             "|---|---|---:|---:|---:|---|---:|---|---|---:|---:|"]  # fmt: skip
    for row in rows:
        unit = f" {row['unit']}"
        spread = f"{row['spread']:.0%}" if row.get("spread") is not None else "–"
        ours, peer = (figure(row[key]) + (unit if row[key] is not None else "") for key in ("ours", "peer"))
        goal = (row["goal"] or "–").replace("<=", "≤").replace(">=", "≥")
        cells = [f"`{row['name']}`", row["what"], at(row), ours, peer, row["peer_name"], figure(row["ratio"]), goal,
                 verdict(row), str(row["runs"]), spread]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    errors = [f"- `{row['name']}`: {row['error']}" for row in rows if row.get("error")]
    return [*lines, *([""] + errors if errors else [])]


def _cost(rows: Sequence[dict[str, Any]]) -> list[str]:
    lines = ["| row | ours: wall | CPU | peak | peer: wall | CPU | peak | ratio of CPU |",
             "|---|---:|---:|---:|---:|---:|---:|---:|"]  # fmt: skip
    for row in rows:
        if not row.get("ours_cost"):
            continue
        cells = [
            f"`{row['name']}`",
            *_costs(row["ours_cost"]),
            *_costs(row.get("peer_cost")),
            figure(row.get("cpu_ratio")),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _costs(cost: dict[str, float] | None) -> list[str]:
    if not cost:
        return ["–"] * 3
    return [f"{figure(cost['wall_seconds'])} s", f"{figure(cost['cpu_seconds'])} s", f"{figure(cost['peak_gb'])} GB"]


def _beside(rows: Sequence[dict[str, Any]]) -> list[str]:
    lines = []
    for row in rows:
        for name, shown in (row.get("beside") or {}).items():
            lines.append(f"- `{row['name']}`: {name} beside it: {figure(shown['value'])} {row['unit']}.")
        for name, value in (row.get("parts") or {}).items():
            lines.append(f"- `{row['name']}`: {name.replace('_', ' ')}: {_said(value)}.")
    return lines or ["Nothing yet."]


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_said(part)}" for name, part in value.items())
    return figure(value) if isinstance(value, (int, float)) else str(value)


def _machine(rows: Sequence[dict[str, Any]]) -> list[str]:
    measured = [row for row in rows if row.get("versions")]
    if not measured:
        return ["Nothing was measured yet."]
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in measured:
        versions = ", ".join(f"{name} {number}" for name, number in row["versions"].items())
        groups.setdefault(f"{row['cores']} cores, {row['memory_gb']:g} GB of memory; {versions}", []).append(row)
    lines = []
    for told, members in groups.items():
        days = sorted(row["date"][:10] for row in members)
        when = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
        names = "all rows" if len(groups) == 1 else ", ".join(f"`{row['name']}`" for row in members)
        lines.append(f"- {when}, {names}: {told}.")
    return lines
