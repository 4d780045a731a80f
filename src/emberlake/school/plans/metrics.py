"""What Spark counted while a plan ran, joined to the nodes of its text.

Classic Spark has the plan that ran in the JVM: its operators come in the order of the text. Spark Connect hands out
names and figures with the answer, but the text of the plan it began with only: operators are matched by name, in order.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from emberlake.school.plans.node import Node, Plan
from emberlake.school.plans.text import WRAPPERS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_COUNT = re.compile(r"(\w+) -> \w+\(id: \d+, name: .*?, value: (-?[\d.E]+)\)")
# An operator that wraps others may carry what they share: how long their common loop took.
_SHARED = "pipelineTime"


def with_jvm_metrics(plan: Plan, df: DataFrame) -> Plan:
    """The plan with what the JVM counted, where its operators are those of the text; else the plan as it was."""
    from py4j.protocol import Py4JError

    execution = df._jdf.queryExecution()  # type: ignore[operator]
    try:
        measured = list(_jvm_walk(execution.executedPlan()))
    except Py4JError:
        # An operator that is built in another way than those known here: the plan is right without its figures.
        return plan
    nodes = list(plan.root.walk())
    if len(measured) != len(nodes) or any(
        name.split(" ")[0] != node.kind for (name, _), node in zip(measured, nodes, strict=True)
    ):
        return plan
    found = {node.number: counts for (_, counts), node in zip(measured, nodes, strict=True)}
    # Counters are there before a run, too, and stand at nothing.
    if plan.state != "final" and not any(value > 0 for counts in found.values() for value in counts.values()):
        return plan
    # Each subquery ran on its own, and is matched by the kinds of its operators where there is one of a kind.
    return replace(plan, root=_counted(plan.root, found), ran=True)


def _jvm_walk(node: Any, pipeline: float | None = None) -> Iterator[tuple[str, dict[str, float]]]:
    name = node.nodeName()
    kind = name.split(" ")[0].split("(")[0]
    if kind == "AdaptiveSparkPlan":
        yield from _jvm_walk(node.executedPlan())
    elif kind.endswith("QueryStage"):
        yield from _jvm_walk(node.plan())
    elif kind in WRAPPERS:
        counts = _counts(node) if kind == "WholeStageCodegen" else {}
        yield from _jvm_walk(node.child(), counts.get(_SHARED))
    else:
        counts = _counts(node)
        if pipeline is not None:
            counts[_SHARED] = pipeline
        yield name, counts
        if kind == "InMemoryTableScan":
            # Its relation is no child of it, and the text shows it as one.
            yield "InMemoryRelation", {}
            yield from _jvm_walk(node.relation().cachedPlan())
        children = node.children()
        for place in range(children.size()):
            yield from _jvm_walk(children.apply(place))


def _counts(node: Any) -> dict[str, float]:
    # All counters of a node in one call: each call to the JVM costs a third of a millisecond.
    said = node.metrics().mkString("\n")
    return {name: float(value) for name, value in _COUNT.findall(said)}


def _counted(node: Node, found: dict[int, dict[str, float]]) -> Node:
    children = tuple(_counted(child, found) for child in node.children)
    return replace(node, metrics=_milliseconds(found.get(node.number, {})), children=children)


def _milliseconds(counts: dict[str, float]) -> dict[str, float]:
    # The one counter of nanoseconds among those of milliseconds.
    return {name: value / 1e6 if name == "shuffleWriteTime" else value for name, value in counts.items()}


def with_connect_metrics(plan: Plan, told: Any) -> Plan:
    """The plan that ran on a Connect server, as the figures beside its answer describe it.

    Args:
        plan: the plan from the text, which is the one adaptive execution began with.
        told: `df.executionInfo.metrics`.
    """
    start, graph = told.extract_graph()
    unused: dict[str, deque[Node]] = defaultdict(deque)
    for node in plan.root.walk():
        unused[node.kind].append(node)
    numbers = iter(range(10_000, 20_000))

    def grown(number: int, seen: frozenset[int], pipeline: float | None = None) -> Node:
        told_node = graph[number]
        below = [child for child in told_node.children if child not in seen and child != number]
        kind = told_node.name.split(" ")[0].split("(")[0]
        counts = {metric.name: float(metric.value) for metric in told_node.metrics}
        if (kind in WRAPPERS or not kind) and len(below) == 1:
            return grown(below[0], seen | {number}, counts.get(_SHARED))
        if pipeline is not None:
            counts[_SHARED] = pipeline
        known = unused[kind].popleft() if unused[kind] else Node(next(numbers), told_node.name.strip() or "Result")
        children = tuple(grown(child, seen | {number}) for child in below)
        return replace(known, metrics=_milliseconds(counts), children=children or _kept_cache(known))

    root = grown(start, frozenset())
    return replace(plan, root=root, state="final", initial=plan.root if plan.state == "initial" else None, ran=True)


def _kept_cache(node: Node) -> tuple[Node, ...]:
    # What a cache was made from is in the text, not in the figures.
    return node.children if node.kind == "InMemoryTableScan" else ()
