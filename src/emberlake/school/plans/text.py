"""From the text of `explain(mode="formatted")` to a tree: the one form that classic Spark and Spark Connect share.

The text has a tree of numbered operators, one block of details a number, and the same again for each subquery.
Adaptive execution prints two trees under one operator: what it ended with and what it began with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from emberlake.errors import EmberlakeError
from emberlake.school.plans.node import Node, Plan, State, Subquery

# Three characters a level, then an operator, its number, and what Spark says of it.
_TREE = re.compile(r"^((?:[: ]  )*(?:[:+]- )?)(?:\* )?(.+?) ?\((\d+)\)(.*)$")
_TITLE = re.compile(r"^((?:[: ]  )*(?:[:+]- )?)== (Final|Initial) Plan ==$")
_BLOCK = re.compile(r"^\((\d+)\) (.+?)\s*(?:\[codegen id : (\d+)\])?$")
_DETAIL = re.compile(r"^([A-Z][A-Za-z/ ]*?)(?: \[\d+\])?\s?:\s?(.*)$")
_SUBQUERY = re.compile(r"^Subquery:(\d+) Hosting operator id = (\d+) Hosting Expression = (.*)$")
_ATTRIBUTE = re.compile(r"#\d+L?\b")
# Operators that hold a part of the plan without doing anything to its rows.
WRAPPERS = frozenset(
    ("AdaptiveSparkPlan", "ShuffleQueryStage", "BroadcastQueryStage", "ResultQueryStage", "TableCacheQueryStage",
     "InputAdapter", "WholeStageCodegen", "CommandResult")
)  # fmt: skip


class PlanUnreadable(EmberlakeError):
    """What `explain` printed has no physical plan in it."""


@dataclass
class _Branch:
    depth: int
    number: int
    name: str
    note: str = ""
    part: str = ""
    children: list[_Branch] = field(default_factory=list)


@dataclass(frozen=True)
class _Block:
    arguments: dict[str, str]
    codegen: int | None


def parse(text: str) -> Plan:
    """The plan that a text of `explain(mode="formatted")` describes.

    Raises:
        PlanUnreadable: if it describes none.
    """
    lines = text.splitlines()
    blocks = _blocks(lines)
    trees = _trees(lines)
    # Other engines' trees may have numbers in brackets, but no block for each.
    if "" not in trees or trees[""].number not in blocks:
        raise PlanUnreadable(
            "The text has no physical plan in it.", 'It is read from df.explain(mode="formatted") on Spark.'
        )
    branch = trees.pop("")
    first = [child for child in branch.children if child.part == "Initial"]
    state: State = "fixed"
    if branch.name == "AdaptiveSparkPlan":
        state = "final" if "isFinalPlan=true" in str(blocks.get(branch.number)) else "initial"
    return Plan(
        root=_grown(branch, blocks),
        state=state,
        subqueries=tuple(Subquery(name, _grown(tree, blocks)) for name, tree in trees.items()),
        initial=_grown(first[0], blocks) if first else None,
        text=text,
    )


def _trees(lines: list[str]) -> dict[str, _Branch]:
    """The root of the main tree under "", and of each subquery's under its name."""
    trees: dict[str, _Branch] = {}
    name: str | None = None
    stack: list[_Branch] = []
    part = ""
    for line in lines:
        if line.startswith("== Physical Plan =="):
            name, stack = "", []
        elif found := _SUBQUERY.match(line):
            name, stack = f"subquery {found[1]} of operator {found[2]}", []
        elif name is None:
            continue
        elif title := _TITLE.match(line):
            part = title[2]
        elif grown := _TREE.match(line):
            branch = _Branch(len(grown[1]) // 3, int(grown[3]), grown[2].strip(), grown[4].strip(" ,"), part)
            part = ""
            while stack and stack[-1].depth >= branch.depth:
                stack.pop()
            if stack:
                stack[-1].children.append(branch)
            elif name in trees:
                continue
            else:
                trees[name] = branch
            stack.append(branch)
        else:
            # A blank line ends a tree; what follows are blocks of details.
            name = None
    return trees


def _blocks(lines: list[str]) -> dict[int, _Block]:
    blocks: dict[int, _Block] = {}
    arguments: dict[str, str] | None = None
    label = ""
    for line in lines:
        if found := _BLOCK.match(line):
            arguments, label = {}, ""
            blocks[int(found[1])] = _Block(arguments, int(found[3]) if found[3] else None)
        elif not line.strip():
            arguments = None
        elif arguments is not None:
            if detail := _DETAIL.match(line):
                label = detail[1]
                arguments[label] = detail[2].strip()
            elif label:
                # An expression with a line break in it.
                arguments[label] += f" {line.strip()}"
    return blocks


def _grown(branch: _Branch, blocks: dict[int, _Block]) -> Node:
    """The node of a branch; of wrappers, what they hold; of adaptive execution, what it ended with."""
    kept = [child for child in branch.children if child.part != "Initial"] or branch.children
    if branch.name.split(" ")[0] in WRAPPERS and len(kept) == 1:
        held = _grown(kept[0], blocks)
        return held if held.note or not branch.note else _noted(held, branch.note)
    block = blocks.get(branch.number, _Block({}, None))
    return Node(
        branch.number,
        branch.name,
        block.arguments,
        tuple(_ATTRIBUTE.sub("", each) for each in listed(block.arguments.get("Output", ""))),
        tuple(_grown(child, blocks) for child in kept),
        block.codegen,
        branch.note,
    )


def _noted(node: Node, note: str) -> Node:
    return Node(node.number, node.name, node.arguments, node.output, node.children, node.codegen, note)


def listed(text: str) -> list[str]:
    """The elements of `[a, f(b, c), d]`, split at the commas that are not inside brackets."""
    text = text.strip().removeprefix("[").removesuffix("]")
    parts, depth, current = [], 0, ""
    for letter in text:
        depth += (letter in "([<{") - (letter in ")]>}")
        if letter == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += letter
    return [*parts, current.strip()] if current.strip() else parts


def plain(expression: str) -> str:
    """An expression without Spark's numbers of attributes."""
    return _ATTRIBUTE.sub("", expression)
