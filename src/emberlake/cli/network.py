"""`graph show`, and what else of `graph` starts an engine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from emberlake.cli.command import Call, command
from emberlake.cli.graph import Of, Top, on_engine
from emberlake.cli.screen import table
from emberlake.cli.trial import share
from emberlake.errors import SettingsError


def register(app: typer.Typer) -> None:
    """Add the commands to the group."""
    command(
        app,
        "motifs",
        (
            'emberlake graph motifs "(a)-[follows]->(b); (b)-[bought]->(p); !(a)-[bought]->(p)"',
            'emberlake graph motifs "(a)-[invited]->(b); (a)-[follows]->(c); (b)-[follows]->(c)" --where "c <> a"',
        ),
    )(_motifs)
    command(app, "paths", ("emberlake graph paths 42 4711", "emberlake graph paths 42 --hops 2"))(_paths)
    command(app, "spread", "emberlake graph spread --tellers 5 --chance 10%")(_spread)
    command(app, "show", ("emberlake graph show 1 --to community.html", "emberlake graph show"))(_show)


def _paths(
    call: Call,
    start: Annotated[int, typer.Argument(metavar="FROM", help="The user to start from.")],
    goal: Annotated[int | None, typer.Argument(metavar="[TO]", help="The user to come to.")] = None,
    hops: Annotated[int, typer.Option("--hops", help="Without TO: who is within so many steps.")] = 2,
    top: Top = 20,
    of: Of = "follows",
) -> None:
    """Find the shortest chain of follows from one user to another, or who is near (Moore 1959)."""
    with on_engine(call, "Walking") as (lake, tell):
        from emberlake.graphs import chains

        found = chains.near(lake, of, start, hops, top, tell) if goal is None else None
        path = chains.chain(lake, of, start, goal, tell) if goal is not None else []
    if found is not None:
        nearest = [{"id": str(row["id"]), "hops": row["hops"]} for row in found["nearest"]]
        call.screen.show(found, lambda: [table(found["within"]), "", table(nearest)])
        return
    said = " → ".join(map(str, path)) if path else f"No chain leads from {start} to {goal}."
    call.screen.show({"path": path, "length": len(path) - 1 if path else None}, lambda: said)


def _motifs(
    call: Call,
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="Edges: follows, bought, invited; ! for none.")],
    top: Top = 20,
    where: Annotated[str, typer.Option("--where", metavar="SQL", help="A condition on the names.")] = "",
) -> None:
    """Find a pattern of users and products, wherever it is (GraphFrames' motifs: Dave et al. 2016)."""
    from emberlake.graphs.motifs import parse

    parse(pattern)
    with on_engine(call, "Looking") as (lake, tell):
        from emberlake.graphs.finding import find

        tell("joining", 0.3)
        found = find(lake, pattern, top, where)
    rows = [{name: str(value) for name, value in row.items()} for row in found["rows"]]
    call.screen.show(found, lambda: [table(rows), f"{found['count']:,} in all"])


def _spread(
    call: Call,
    tellers: Annotated[int, typer.Option("--tellers", help="Users who are told first.")] = 10,
    chance: Annotated[str, typer.Option("--chance", help="That a follower takes it up.")] = "10%",
) -> None:
    """Compare whom to tell first, so that many hear it (independent cascade: Kempe, Kleinberg, Tardos 2003)."""
    given = share(chance, "--chance")
    with on_engine(call, "Telling") as (lake, tell):
        from emberlake.graphs.telling import compare_tellers

        rows = compare_tellers(lake, tellers, given, tell)
    call.screen.show(rows, lambda: table(rows))


def _show(
    call: Call,
    community: Annotated[int | None, typer.Argument(metavar="[COMMUNITY]", help="Its number; else all.")] = None,
    to: Annotated[Path, typer.Option("--to", metavar="FILE.html", help="Where to write it.")] = Path("community.html"),
    most: Annotated[int, typer.Option("--most", help="Users shown, at most 5,000.")] = 5_000,
) -> None:
    """Write a page of a community and its bridges, that opens in a browser without the network."""
    with on_engine(call, "Drawing") as (lake, tell):
        from emberlake.graphs.showing import community_page

        text, shown = community_page(lake, community, most, tell)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text, encoding="utf-8")
    except OSError as e:
        raise SettingsError(f"{to} cannot be written: {e.strerror}.", "Name another file: --to FILE.html.") from e
    said = {"page": str(to), "users": len(shown.id), "links": len(shown.src), "bridges": int((shown.outside > 0).sum())}
    call.screen.show(
        said, lambda: f"{to}: {said['users']:,} users, {said['links']:,} links, {said['bridges']:,} bridges."
    )
