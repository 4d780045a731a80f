"""The shape of a physical plan: nodes, what ran, and what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

# "final": what ran, as adaptive execution left it. "initial": what adaptive execution begins with.
# "fixed": adaptive execution has no part in it, so that it runs as it is printed.
State = Literal["final", "initial", "fixed"]


@dataclass(frozen=True)
class Node:
    """One operator of a plan.

    Attributes:
        number: its number in the text of `explain`; unique in a plan.
        name: the operator with what Spark writes behind it: `BroadcastHashJoin Inner BuildRight`, `Scan parquet`.
        arguments: what the text says of it, by its label there: `PushedFilters`, `ReadSchema`, `Join type`, …
        output: names of the columns that it hands on, where the text says so.
        children: where its rows come from.
        codegen: the number of the stage that is compiled to one function, or None.
        note: what stands behind it in the tree, such as `Statistics(sizeInBytes=64.0 MiB, rowCount=27)`.
        metrics: what Spark counted, by Spark's own names, in bytes, rows and milliseconds; empty before a run.
    """

    number: int
    name: str
    arguments: dict[str, str] = field(default_factory=dict)
    output: tuple[str, ...] = ()
    children: tuple[Node, ...] = ()
    codegen: int | None = None
    note: str = ""
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The operator alone: `BroadcastHashJoin`, `Scan`, `Exchange`."""
        return self.name.split(" ")[0]

    def walk(self) -> Iterator[Node]:
        """This node and all below it, each before its children."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, *kinds: str) -> list[Node]:
        """The nodes below (and this one) of these kinds."""
        return [node for node in self.walk() if node.kind in kinds]

    def replaced(self, children: tuple[Node, ...]) -> Node:
        """The same node over other children."""
        return replace(self, children=children)


@dataclass(frozen=True)
class Subquery:
    """A query inside an expression, which runs before the node that asks for its value."""

    name: str
    root: Node


@dataclass(frozen=True)
class Plan:
    """A physical plan.

    Attributes:
        root: the node that hands its rows to whoever asked. Wrappers of adaptive execution are not in the tree.
        state: whether this is what ran.
        subqueries: queries inside its expressions.
        initial: what adaptive execution began with, where `root` is what it ended with.
        text: what Spark printed.
        ran: whether metrics were found.
    """

    root: Node
    state: State
    subqueries: tuple[Subquery, ...] = ()
    initial: Node | None = None
    text: str = ""
    ran: bool = False

    def walk(self) -> Iterator[Node]:
        """Every node of the plan and of its subqueries."""
        yield from self.root.walk()
        for subquery in self.subqueries:
            yield from subquery.root.walk()

    def find(self, *kinds: str) -> list[Node]:
        """The nodes of these kinds, in the order of the text; what two caches share is there once."""
        return list({node.number: node for node in self.walk() if node.kind in kinds}.values())
