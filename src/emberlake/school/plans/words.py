"""A plan in plain words: what each operator does, where rows move and what that cost."""

from __future__ import annotations

import re
from dataclasses import dataclass

from emberlake.school.plans.facts import bytes_moved, python_nodes, rows_out, table_of
from emberlake.school.plans.node import Node, Plan
from emberlake.school.plans.text import listed, plain

STATES = {
    "final": "This is the plan that ran: adaptive execution has finished it.",
    "initial": "This is the plan that adaptive execution begins with; it may choose otherwise when it knows the sizes.",
    "fixed": "This is the plan as it runs: adaptive execution has no part in it.",
}
_SAYS = {
    "Filter": "keeps the rows that fulfil a condition",
    "Project": "computes and picks columns",
    "Sort": "sorts each partition",
    "HashAggregate": "groups rows in a hash table",
    "ObjectHashAggregate": "groups rows in a hash table of objects",
    "SortAggregate": "groups sorted rows",
    "Window": "looks at a row's neighbours in its group",
    "ColumnarToRow": "turns batches of columns into rows",
    "AQEShuffleRead": "reads the shuffle in partitions chosen by their sizes",
    "ReusedExchange": "uses rows again that were moved already",
    "InMemoryTableScan": "reads what was cached",
    "InMemoryRelation": "was computed for the cache",
    "BroadcastHashJoin": "joins with a small side that every task has",
    "BroadcastNestedLoopJoin": "compares each row with each row of a small side",
    "SortMergeJoin": "joins two sides that were shuffled and sorted by the key",
    "ShuffledHashJoin": "joins two sides that were shuffled by the key",
    "CartesianProduct": "pairs each row with each row",
    "Expand": "copies each row, once for each grouping",
    "Generate": "makes several rows of one",
    "Union": "puts rows one after the other",
    "TakeOrderedAndProject": "keeps the first rows of the order, in each partition and then of all",
    "CollectLimit": "keeps the first rows",
    "LocalTableScan": "reads rows that came with the query",
    "Range": "counts",
}  # fmt: skip


@dataclass(frozen=True)
class Movement:
    """Rows that leave the task that made them.

    Attributes:
        what: one sentence.
        rows: how many; None before a run.
        size: bytes; None before a run.
        milliseconds: of writing or sending; None before a run.
    """

    node: int
    what: str
    rows: float | None
    size: float | None
    milliseconds: float | None


def movements(plan: Plan) -> list[Movement]:
    """Where rows move, in the order in which the data flow."""
    found = []
    # A subquery that two operators ask for is printed twice.
    for node in reversed({node.number: node for node in plan.walk()}.values()):
        if node.kind in ("Exchange", "ShuffleExchange"):
            took = node.metrics.get("shuffleWriteTime")
            found.append(Movement(node.number, f"Shuffle: {_how(node)}", rows_out(node), bytes_moved(node), took))
        elif node.kind == "BroadcastExchange":
            names = ("collectTime", "buildTime", "broadcastTime")
            parts = [node.metrics[name] for name in names if name in node.metrics]
            said = "Broadcast: one side of a join is gathered at the driver and sent to every executor"
            found.append(Movement(node.number, said, rows_out(node), bytes_moved(node), sum(parts) if parts else None))
        elif node in python_nodes(plan):
            said = "Python: every row is handed to a Python process and back"
            found.append(Movement(node.number, said, rows_out(node), node.metrics.get("pythonDataSent"), None))
    return found


def _how(node: Node) -> str:
    arguments = plain(node.arguments.get("Arguments", ""))
    if found := re.match(r"hashpartitioning\((.*), (\d+)\)", arguments):
        return f"rows with the same {found[1]} come together, in {found[2]} partitions"
    if found := re.match(r"rangepartitioning\((.*), (\d+)\)", arguments):
        return f"rows are sorted into {found[2]} ranges of {found[1]}"
    if arguments.startswith("SinglePartition"):
        return "all rows go to one task"
    if arguments.startswith("RoundRobin"):
        return "rows are dealt out evenly"
    return "rows are brought to other tasks"


def headline(node: Node) -> str:
    """The name of a node as the picture shows it."""
    if node.kind in ("Scan", "BatchScan", "FileScan"):
        return f"Read {table_of(node)}"
    return {"Exchange": "Shuffle", "BroadcastExchange": "Broadcast"}.get(node.kind, node.kind)


def says(node: Node) -> str:
    """What a node does, in a few words."""
    if node.kind == "Exchange":
        return _how(node)
    if node.kind == "BroadcastExchange":
        return "sent whole to every executor"
    if node.kind in ("HashAggregate", "ObjectHashAggregate", "SortAggregate"):
        keys = plain(node.arguments.get("Keys", "")).strip("[]")
        part = "in part" if "partial_" in node.arguments.get("Functions", "") else ""
        return ", ".join(filter(None, [f"groups by {keys}" if keys else "groups all rows", part]))
    if node.kind in ("Filter",):
        return _compared(plain(node.arguments.get("Condition", ""))) or _SAYS["Filter"]
    if "Join" in node.kind and "Left keys" in node.arguments:
        left, right = (plain(node.arguments.get(side, "")).strip("[]") for side in ("Left keys", "Right keys"))
        sent = {"BuildRight": ", right side sent", "BuildLeft": ", left side sent"} if "Broadcast" in node.kind else {}
        side = next((said for word, said in sent.items() if word in node.name), "")
        return f"{node.arguments.get('Join type', '').lower()}{side}: {left} = {right}".strip(":, ")
    if node in python_nodes(Plan(node, "fixed")):
        return "hands rows to Python"
    if node.kind in ("Scan", "BatchScan", "FileScan"):
        given = listed(node.arguments.get("PartitionFilters", "")) + listed(node.arguments.get("PushedFilters", ""))
        asked = [plain(each) for each in given if not each.lower().startswith("isnotnull(")]
        return f"only {', '.join(asked)}" if asked else "every row that is not null" if given else "every row"
    return _SAYS.get(node.kind, "")


def _compared(condition: str) -> str:
    """A condition without what Spark adds to it: that columns are not null, and brackets."""
    parts = [each.strip(" ()") for each in condition.split(" AND ")]
    kept = [each for each in parts if not each.startswith("isnotnull(")]
    return " and ".join(kept) if kept else " and ".join(f"{each})" for each in parts).replace("isnotnull", "not null ")


def count(value: float) -> str:
    """A number of rows as people read it."""
    return f"{value:,.0f}"


def size(value: float) -> str:
    """Bytes as people read them."""
    for unit in ("B", "KiB", "MiB"):
        if value < 1024:
            return f"{value:,.0f} {unit}" if unit != "MiB" else f"{value:,.1f} {unit}"
        value /= 1024
    return f"{value:,.2f} GiB"


def cost(movement: Movement) -> str:
    """Rows, bytes and time of a movement, as far as they are known."""
    parts = []
    if movement.rows is not None:
        parts.append(f"{count(movement.rows)} rows")
    if movement.size is not None:
        # Spark counts the hash table that a broadcast is built into, in pages of up to 64 MiB.
        parts.append(size(movement.size) + (" as a hash table" if movement.what.startswith("Broadcast") else ""))
    if movement.milliseconds is not None:
        parts.append(f"{movement.milliseconds:,.0f} ms")
    return ", ".join(parts)
