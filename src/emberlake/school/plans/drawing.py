"""A plan as a picture: SVG of our own, without a script, a font or a style sheet from elsewhere.

Data flow downwards. What moves or costs has a colour, a word and a border of its own, so that no meaning hangs on the
colour alone (the colours are Okabe and Ito's, told apart by the colour-blind, too).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from emberlake.school.plans.advice import Advice
from emberlake.school.plans.facts import bytes_moved, python_nodes, rows_out
from emberlake.school.plans.node import Node, Plan
from emberlake.school.plans.words import STATES, count, headline, says, size

WIDTH, HEIGHT, GAP, DROP, MARGIN = 264, 58, 28, 34, 24
_LETTER = 6.1
# Only of interest to those who debug Spark itself: what they do shows in their neighbours.
_QUIET = ("ColumnarToRow", "AQEShuffleRead", "InMemoryRelation")


@dataclass(frozen=True)
class _Look:
    word: str
    fill: str
    border: str
    dash: str = ""
    thick: float = 1.2


_LOOKS = {
    "shuffle": _Look("SHUFFLE", "#fdebc8", "#b87400", "7 4", 2.4),
    "broadcast": _Look("BROADCAST", "#d9eefb", "#0072b2", "2 3", 2.4),
    "python": _Look("PYTHON", "#f7dfec", "#a3457c", "", 2.4),
    "pairs": _Look("ALL PAIRS", "#fbdcd0", "#d55e00", "", 3.0),
    "read": _Look("READ", "#d7f0e6", "#00795a"),
    "cache": _Look("CACHE", "#eef5d2", "#6b7a00"),
    "reuse": _Look("USED AGAIN", "#f2f2f2", "#666666", "4 4"),
    "join": _Look("JOIN", "#ffffff", "#333333", "", 1.8),
    "": _Look("", "#ffffff", "#8a8a8a"),
}


@dataclass
class _Box:
    node: Node
    above: list[_Box] = field(default_factory=list)
    x: float = 0.0
    level: int = 0


def draw(plan: Plan, advice: Sequence[Advice] = ()) -> str:
    """The plan as an SVG document; a number in a circle leads to the advice of that number."""
    boxes: list[_Box] = []
    # Subqueries stand beside the plan that waits for them.
    roots = [(_boxed(plan.root), "")] + [(_boxed(each.root), each.name) for each in plan.subqueries]
    slot = 0.0
    deepest = max(_depth(root) for root, _ in roots)
    labels = []
    for root, name in roots:
        slot = _place(root, slot, deepest)
        boxes += list(_all(root))
        labels.append((root, name or "result"))
    marks: dict[int, list[int]] = {}
    for number, each in enumerate(advice, 1):
        for node in each.nodes:
            marks.setdefault(node, []).append(number)
    wide = max(slot * (WIDTH + GAP) - GAP, 420) + 2 * MARGIN
    tall = (deepest + 1) * (HEIGHT + DROP) + 2 * MARGIN + 46
    parts = [_edges(box) for box in boxes] + [_rect(box, plan, marks) for box in boxes]
    parts += [_ending(root, name) for root, name in labels]
    title = escape(STATES[plan.state])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Physical plan" '
        f'viewBox="0 0 {wide:.0f} {tall:.0f}"'
        f' width="{wide:.0f}" height="{tall:.0f}" font-family="DejaVu Sans, Verdana, Arial, sans-serif">'
        f'<title>{title}</title><rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="{MARGIN}" y="{MARGIN}" font-size="12" fill="#333333">'
        f"{_cut(STATES[plan.state], wide - 2 * MARGIN)}</text>"
        f"{''.join(parts)}</svg>"
    )


def _boxed(node: Node) -> _Box:
    while node.kind in _QUIET and len(node.children) == 1:
        node = node.children[0]
    return _Box(node, [_boxed(child) for child in node.children])


def _depth(box: _Box) -> int:
    return 1 + max((_depth(each) for each in box.above), default=-1)


def _all(box: _Box) -> list[_Box]:
    return [box, *(inner for each in box.above for inner in _all(each))]


def _place(box: _Box, slot: float, level: int) -> float:
    box.level = level
    if not box.above:
        box.x = slot
        return slot + 1
    for each in box.above:
        slot = _place(each, slot, level - 1)
    box.x = sum(each.x for each in box.above) / len(box.above)
    return slot


def _corner(box: _Box) -> tuple[float, float]:
    return MARGIN + box.x * (WIDTH + GAP), MARGIN + 18 + box.level * (HEIGHT + DROP)


def _edges(box: _Box) -> str:
    x, y = _corner(box)
    drawn = []
    for above in box.above:
        from_x, from_y = _corner(above)
        rows = rows_out(above.node)
        thick = 1.2 if rows is None else 1.2 + min(math.log10(rows + 1), 9) * 0.6
        start, end, middle = (from_x + WIDTH / 2, from_y + HEIGHT), (x + WIDTH / 2, y), (from_y + HEIGHT + y) / 2
        # The label stands on the side that the line does not go to.
        leans = end[0] > start[0] + 1
        drawn.append(
            f'<path d="M{start[0]:.0f},{start[1]:.0f} C{start[0]:.0f},{middle:.0f} {end[0]:.0f},{middle:.0f} '
            f'{end[0]:.0f},{end[1] - 5:.0f}" fill="none" stroke="#777777" stroke-width="{thick:.1f}"/>'
            f'<path d="M{end[0] - 5:.0f},{end[1] - 8:.0f} L{end[0]:.0f},{end[1]:.0f} '
            f'L{end[0] + 5:.0f},{end[1] - 8:.0f} Z"'
            ' fill="#777777"/>'
        )
        if rows is not None:
            drawn.append(
                f'<text x="{start[0] + (-8 if leans else 8):.0f}" y="{start[1] + 15:.0f}" font-size="11" '
                f'text-anchor="{"end" if leans else "start"}" fill="#333333">'
                f"{count(rows)} row{'s' if rows != 1 else ''}</text>"
            )
    return "".join(drawn)


def _rect(box: _Box, plan: Plan, marks: dict[int, list[int]]) -> str:
    x, y = _corner(box)
    node = box.node
    look = _LOOKS[_kind(node)]
    known = [bytes_moved(node)] if _kind(node) in ("shuffle", "broadcast", "read") else []
    cost = ", ".join([size(each) for each in known if each is not None] + _times(node))
    room = WIDTH - 20
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    lines = [
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{look.fill}" '
        f'stroke="{look.border}" stroke-width="{look.thick}"{dash}/>',
        f'<text x="{x + 10:.0f}" y="{y + 19:.0f}" font-size="12.5" font-weight="bold" fill="#111111">'
        f"{_cut(headline(node), room - 8 * len(look.word) - 8, 7.8)}</text>",
        f'<text x="{x + 10:.0f}" y="{y + 36:.0f}" font-size="11" fill="#222222">{_cut(says(node), room)}</text>',
        f'<text x="{x + 10:.0f}" y="{y + 51:.0f}" font-size="11" fill="#444444">{_cut(cost, room)}</text>',
    ]
    if look.word:
        lines.append(
            f'<text x="{x + WIDTH - 10:.0f}" y="{y + 18:.0f}" font-size="9.5" font-weight="bold" text-anchor="end" '
            f'fill="{look.border}">{look.word}</text>'
        )
    for place, number in enumerate(marks.get(node.number, [])):
        at = x + WIDTH - 16 - 24 * place
        lines.append(
            f'<circle cx="{at:.0f}" cy="{y + HEIGHT:.0f}" r="10" fill="#111111"/>'
            f'<text x="{at:.0f}" '
            f'y="{y + HEIGHT + 4:.0f}" font-size="11" font-weight="bold" text-anchor="middle" '
            f'fill="#ffffff">{number}</text>'
        )
    whole = "\n".join([f"({node.number}) {node.name}", *(f"{k}: {v}" for k, v in node.arguments.items())])
    return f"<g><title>{escape(whole)}</title>{''.join(lines)}</g>"


def _times(node: Node) -> list[str]:
    names = {"scanTime": "reading", "shuffleWriteTime": "writing", "collectTime": "gathering", "sortTime": "sorting",
             "aggTime": "grouping"}  # fmt: skip
    return [f"{says} {node.metrics[name]:,.0f} ms" for name, says in names.items() if node.metrics.get(name, 0) >= 1]


def _kind(node: Node) -> str:
    if node.kind in ("Exchange", "ShuffleExchange"):
        return "shuffle"
    if node.kind in ("CartesianProduct", "BroadcastNestedLoopJoin"):
        return "pairs"
    if node in python_nodes(Plan(node, "fixed")):
        return "python"
    kinds = {"BroadcastExchange": "broadcast", "Scan": "read", "BatchScan": "read", "FileScan": "read",
             "InMemoryTableScan": "cache", "ReusedExchange": "reuse"}  # fmt: skip
    return kinds.get(node.kind, "join" if "Join" in node.kind else "")


def _ending(root: _Box, name: str) -> str:
    x, y = _corner(root)
    rows = rows_out(root.node)
    said = f"{name}: {count(rows)} rows" if rows is not None else name
    middle = x + WIDTH / 2
    return (
        f'<path d="M{middle:.0f},{y + HEIGHT:.0f} V{y + HEIGHT + 14:.0f}" stroke="#777777" stroke-width="1.5"/>'
        f'<text x="{middle:.0f}" y="{y + HEIGHT + 28:.0f}" font-size="12" font-style="italic" text-anchor="middle" '
        f'fill="#333333">{escape(said)}</text>'
    )


def _cut(text: str, room: float, letter: float = _LETTER) -> str:
    letters = max(int(room / letter), 4)
    return escape(text if len(text) <= letters else text[: letters - 1] + "…")
