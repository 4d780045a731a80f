"""What would change a plan: one rule a function, each naming the operators that it speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from emberlake.school.plans.facts import (
    bytes_moved,
    caches,
    python_nodes,
    rows_out,
    scans,
    shuffles,
    tables_below,
)
from emberlake.school.plans.node import Node, Plan
from emberlake.school.plans.text import plain
from emberlake.school.plans.words import count, size

# Spark broadcasts by itself below this; a hint is worth a thought up to some times as much.
_SMALL = 10 * 2**20
_BIG_BROADCAST = 512 * 2**20
# A file below this is mostly overhead: opening one costs Spark's planner as much as reading 4 MiB.
_SMALL_FILE = 4 * 2**20
_MANY_FILES = 32
_MANY_COLUMNS = 20


@dataclass(frozen=True)
class Advice:
    """Something that would change the plan.

    Attributes:
        what: what is seen, one sentence.
        instead: what would change it.
        nodes: numbers of the operators.
    """

    what: str
    instead: str
    nodes: tuple[int, ...] = ()


def advise(plan: Plan) -> list[Advice]:
    """What would change this plan, what matters most first; empty where nothing is seen."""
    return [advice for rule in RULES for advice in rule(plan)]


def _pairs_of_all(plan: Plan) -> Iterator[Advice]:
    for node in plan.find("CartesianProduct", "BroadcastNestedLoopJoin"):
        rows = rows_out(node)
        cost = f" ({count(rows)} pairs came out)" if rows is not None else ""
        yield Advice(
            f"{node.kind} compares every row of one side with every row of the other{cost}.",
            'Join on an equality (`on="key"`); a range or an OR in the condition has no key to shuffle by.',
            (node.number,),
        )


def _python(plan: Plan) -> Iterator[Advice]:
    for node in python_nodes(plan):
        kind = "pickled one by one" if node.kind == "BatchEvalPython" else "handed over in Arrow batches"
        yield Advice(
            f"{node.kind} runs Python for every row: rows leave the JVM, {kind}, and nothing is pushed through it.",
            "Look for the same in pyspark.sql.functions (when, transform, regexp_extract, …).",
            (node.number,),
        )


def _hidden_filter(plan: Plan) -> Iterator[Advice]:
    pushed = {scan.node.number: scan for scan in scans(plan)}
    for node in plan.find("Filter"):
        below = next((each for each in node.walk() if each.number in pushed), None)
        if below is None or "Join" in " ".join(each.kind for each in node.walk()):
            continue
        condition = plain(node.arguments.get("Condition", ""))
        # Widening to a double or a longer decimal is Spark's own doing, where a number is compared with another kind.
        for column, kind in re.findall(r"cast\((\w+) as (string|date|timestamp|int|bigint)\)", condition):
            if column in below.output and f"({column}," not in below.arguments.get("PushedFilters", "").replace(
                f"IsNotNull({column})", ""
            ):
                yield Advice(
                    f"The filter casts {column} to {kind}, so the files' reader is not told of it and reads every row.",
                    f"Compare {column} as what it is, and cast the constant: F.lit(…).cast(…), date'2025-01-01', 17.",
                    (node.number, below.number),
                )


def _broadcastable(plan: Plan) -> Iterator[Advice]:
    for join in plan.find("SortMergeJoin", "ShuffledHashJoin"):
        for child in join.children:
            exchange = next((each for each in child.walk() if each.kind == "Exchange"), None)
            moved = exchange.metrics.get("dataSize") if exchange else None
            if exchange is not None and moved is not None and moved < _SMALL:
                table = ", ".join(tables_below(child)) or "one side"
                yield Advice(
                    f"{join.kind} shuffles both sides, though {table} came to {size(moved)} only.",
                    f"Send it to every task instead: big.join(F.broadcast({table.split('.')[-1]}), …).",
                    (join.number, exchange.number),
                )
                break


def _too_big_to_send(plan: Plan) -> Iterator[Advice]:
    for node in plan.find("BroadcastExchange"):
        moved = bytes_moved(node)
        if moved is not None and moved > _BIG_BROADCAST:
            yield Advice(
                f"A broadcast side takes {size(moved)} in the driver and in every executor.",
                "Broadcast the other side, or take the hint away so that both are shuffled.",
                (node.number,),
            )


def _all_to_one(plan: Plan) -> Iterator[Advice]:
    for node in shuffles(plan):
        rows = rows_out(node)
        if node.arguments.get("Arguments", "").startswith("SinglePartition") and rows is not None and rows > 100_000:
            yield Advice(
                f"{count(rows)} rows go to one task.",
                "A window without partitionBy does this; give it one, or aggregate first.",
                (node.number,),
            )


def _skew(plan: Plan) -> Iterator[Advice]:
    for node in plan.find("AQEShuffleRead"):
        said = f"{node.note} {node.arguments.get('Arguments', '')}"
        if "skewed" in said or node.metrics.get("numSkewedPartitions"):
            yield Advice(
                "One partition was far larger than the others; adaptive execution has split it.",
                "Find the key with groupBy(key).count(). Null? Filter it. Else broadcast the other side, or salt.",
                (node.number,),
            )


def _small_files(plan: Plan) -> Iterator[Advice]:
    for scan in scans(plan):
        files, held = scan.node.metrics.get("numFiles", 0), scan.node.metrics.get("filesSize", 0)
        if files >= _MANY_FILES and held / files < _SMALL_FILE:
            yield Advice(
                f"{scan.table} was read from {count(files)} files of {size(held / files)} each.",
                "Fewer, larger files: `emberlake lake optimize`, or OPTIMIZE on Delta; and partition by less.",
                (scan.node.number,),
            )


def _wide(plan: Plan) -> Iterator[Advice]:
    for scan in scans(plan):
        if len(scan.columns) > _MANY_COLUMNS:
            yield Advice(
                f"{len(scan.columns)} columns of {scan.table} are read.",
                "Select what you need early; distinct(), a Python UDF over a struct or `*` keep every column alive.",
                (scan.node.number,),
            )


def _sorted_for_nothing(plan: Plan) -> Iterator[Advice]:
    for node in plan.find("HashAggregate"):
        below = next((each for each in node.children if each.kind not in ("AQEShuffleRead", "Exchange")), None)
        if below is not None and below.kind == "Sort" and ", true," in f"{below.arguments.get('Arguments', '')},":
            yield Advice(
                "Rows are sorted and then grouped, which forgets the order.",
                "Put orderBy last.",
                (below.number,),
            )


def _read_again(plan: Plan) -> Iterator[Advice]:
    if caches(plan):
        return
    seen: dict[tuple[object, ...], list[Node]] = {}
    for scan in scans(plan):
        seen.setdefault((scan.table, scan.columns, scan.pushed), []).append(scan.node)
    for (table, *_), nodes in seen.items():
        if len(nodes) > 1:
            yield Advice(
                f"{table} is read {len(nodes)} times with the same columns and filters.",
                "One pass may do: F.sum(F.when(…)) instead of two aggregations and a join; else cache() or write it.",
                tuple(node.number for node in nodes),
            )


RULES: tuple[Callable[[Plan], Iterator[Advice]], ...] = (
    _pairs_of_all, _python, _hidden_filter, _broadcastable, _too_big_to_send, _all_to_one, _skew, _read_again,
    _small_files, _wide, _sorted_for_nothing,
)  # fmt: skip
