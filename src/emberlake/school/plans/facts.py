"""What a plan does, as facts that checks and explanations ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from emberlake.school.plans.node import Node, Plan
from emberlake.school.plans.text import listed, plain

_PYTHON = re.compile(r"Python|Pandas|InArrow")
_FIELD = re.compile(r"`?([\w.]+)`?:")


@dataclass(frozen=True)
class Scan:
    """What is read from one table.

    Attributes:
        table: `layer.name` where the files lie in a lake's folder; else the name or the last part of the path.
        columns: what is read from the files; partition columns are not, they are in the folders' names.
        pushed: filters that the files' reader is given, as Spark writes them: `GreaterThan(amount,5)`.
        partitions: filters that choose whole folders.
    """

    node: Node
    table: str
    columns: tuple[str, ...]
    pushed: tuple[str, ...]
    partitions: tuple[str, ...]


@dataclass(frozen=True)
class Broadcast:
    """A join that sends one whole side to every task."""

    join: Node
    side: str
    tables: tuple[str, ...]


def shuffles(plan: Plan) -> list[Node]:
    """Exchanges that move rows between tasks, without those that are used again."""
    return [node for node in plan.find("Exchange", "ShuffleExchange")]


def reused(plan: Plan) -> list[Node]:
    """Exchanges whose rows were already there."""
    return plan.find("ReusedExchange")


def scans(plan: Plan) -> list[Scan]:
    """Every read of a table, caches not included."""
    return [_scan(node) for node in plan.find("Scan", "BatchScan", "FileScan")]


def _scan(node: Node) -> Scan:
    read = node.arguments.get("ReadSchema", "")
    inside = read[len("struct<") : -1] if read.startswith("struct<") else ""
    columns = tuple(found[1] for each in listed(f"[{inside}]") if (found := _FIELD.match(each)))
    return Scan(
        node,
        table_of(node),
        columns,
        tuple(plain(each) for each in listed(node.arguments.get("PushedFilters", ""))),
        tuple(plain(each) for each in listed(node.arguments.get("PartitionFilters", ""))),
    )


def table_of(node: Node) -> str:
    """The table that a scan reads, as people call it."""
    where = re.search(r"\[(?:\w+:)?([^\]]+?)(?:, \.\.\. \d+ entries)?\]", node.arguments.get("Location", ""))
    if where:
        path = PurePosixPath(where[1].split(",")[0].strip())
        layer, name = path.parent.name, path.name
        return f"{layer}.{name}" if layer in ("bronze", "silver", "gold", "quarantine") else name
    words = node.name.split(" ")
    return words[-1].removeprefix("spark_catalog.") if len(words) > 1 else node.kind


def tables_below(node: Node) -> tuple[str, ...]:
    """Tables that a part of a plan reads, each once."""
    return tuple(dict.fromkeys(table_of(each) for each in node.find("Scan", "BatchScan", "FileScan")))


def broadcasts(plan: Plan) -> list[Broadcast]:
    """Joins with a side that is broadcast, and which tables that side reads."""
    found = []
    for join in plan.find("BroadcastHashJoin", "BroadcastNestedLoopJoin"):
        # Where the text does not say which side, the one that begins with an exchange is it.
        right = "BuildRight" in join.name if "Build" in join.name else _sent(join.children[-1])
        side = join.children[-1] if right else join.children[0]
        found.append(Broadcast(join, "right" if right else "left", tables_below(_origin(side, plan))))
    return found


def _sent(node: Node) -> bool:
    return node.kind in ("BroadcastExchange", "ReusedExchange")


def _origin(node: Node, plan: Plan) -> Node:
    """What a reused exchange stands for."""
    if node.kind == "ReusedExchange":
        number = re.search(r"operator id: (\d+)", str(node.arguments))
        for each in plan.walk():
            if number and each.number == int(number[1]):
                return each
    return node


def python_nodes(plan: Plan) -> list[Node]:
    """Operators that hand rows to Python workers."""
    return [node for node in plan.walk() if _PYTHON.search(node.kind)]


def caches(plan: Plan) -> list[Node]:
    """Reads of what was cached."""
    return plan.find("InMemoryTableScan")


def pushed_columns(scan: Scan) -> set[str]:
    """Columns that a filter handed to the reader compares with something; that one is not null is no comparison."""
    found = set()
    for each in scan.pushed:
        if not each.startswith(("IsNotNull(", "Not(IsNull(")):
            found |= {name.strip("`") for name in re.findall(r"\(`?([A-Za-z_]\w*)`?[,)]", each)}
    return found


def partition_columns(scan: Scan) -> set[str]:
    """Columns whose folders are chosen by a filter."""
    asked = [each for each in scan.partitions if not each.startswith("isnotnull(")]
    return {name for each in asked for name in re.findall(r"[A-Za-z_]\w*", each)} & set(scan.node.output)


def moves(node: Node) -> bool:
    """Whether rows leave the task that made them."""
    return node.kind in ("Exchange", "ShuffleExchange", "BroadcastExchange")


def rows_out(node: Node) -> float | None:
    """Rows that a node handed on, where Spark counts them."""
    for name in ("numOutputRows", "shuffleRecordsWritten", "recordsRead"):
        if name in node.metrics:
            return node.metrics[name]
    return None


def bytes_moved(node: Node) -> float | None:
    """Bytes that an exchange wrote for others, or that a scan's files hold."""
    for name in ("shuffleBytesWritten", "dataSize", "filesSize"):
        if name in node.metrics:
            return node.metrics[name]
    return None
