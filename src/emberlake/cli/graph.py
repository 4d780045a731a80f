"""`graph`: who follows, buys with, invites and influences whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from emberlake.cli.command import Call, command
from emberlake.cli.meter import StepMeter, one_bar
from emberlake.cli.screen import table
from emberlake.cli.workbench import require_lake
from emberlake.errors import SettingsError

if TYPE_CHECKING:
    from emberlake.lake import Lake
    from emberlake.progress import Progress

app = typer.Typer(no_args_is_help=True, help="The graphs of the shop: follows, purchases, invitations.")
Top = Annotated[int, typer.Option("--top", help="How many rows.")]
Of = Annotated[str, typer.Option("--of", help="The graph: follows, together (products), purchases or referrals.")]
User = Annotated[int | None, typer.Option("--user", metavar="ID", help="Of one user.")]
_RANKS = ("place", "user_id", "rank", "followers", "following", "community", "triangles", "clustering")


def _build(
    call: Call,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for another build of this root.")] = False,
) -> None:
    """Write influence, communities, recommended follows and invitations to gold, from the lake as it is."""
    from emberlake.steps import build, choose

    require_lake(call)
    chosen = choose("graphs", "graphs")
    with StepMeter(call.screen, chosen) as meter:
        run = build(call.settings, chosen, meter, wait)
    made = run.did[0].figures
    rows = [{"table": name, "rows": count} for name, count in made["rows"].items()]
    call.screen.show(
        {**made, "seconds": round(run.seconds, 2)},
        lambda: [*([Text(made["why_not"], style="yellow")] if made["why_not"] else []), table(rows)],
    )


def _rank(
    call: Call,
    top: Top = 10,
    user: User = None,
    near: Annotated[
        list[int] | None, typer.Option("--near", metavar="ID", help="Rank by nearness to these users; repeat it.")
    ] = None,
    of: Of = "follows",
) -> None:
    """Rank users by PageRank: who is followed by those who are followed (Brin and Page 1998)."""
    from emberlake.graphs import answers

    if user is not None and (near or of != "follows"):
        raise SettingsError("--user shows a row of the graph of follows.", "Leave out --near and --of, or --user.")
    if near or of != "follows":
        with on_engine(call, "Ranking") as (lake, tell):
            from emberlake.graphs.ranking import rank

            rows = rank(lake, of, near or (), top, tell)
        call.screen.show(rows, lambda: [table(_short(rows))])
        return
    with asked(call) as lake:
        rows = [answers.standing(lake, user)] if user is not None else answers.most_influential(lake, top)
    call.screen.show(rows if user is None else rows[0], lambda: [table(_short(rows), columns=_RANKS)])


def _communities(
    call: Call,
    top: Top = 20,
    number: Annotated[int | None, typer.Option("--community", metavar="NUMBER", help="The users of one.")] = None,
    user: User = None,
) -> None:
    """List communities, or the users of one (Louvain: Blondel et al. 2008)."""
    from emberlake.graphs import answers

    with asked(call) as lake:
        if user is not None:
            number = answers.standing(lake, user)["community"]
        if number is None:
            every = answers.largest_communities(lake, top)
            call.screen.show(every, lambda: [table(_short(every))])
            return
        one, people = answers.community(lake, number), answers.members(lake, number, top)
    call.screen.show(
        {**one, "members": people}, lambda: [table(_short([one])), "", table(_short(people), columns=_RANKS)]
    )


def _recommend(
    call: Call,
    user: Annotated[int, typer.Argument(metavar="USER", help="The user's number.")],
    top: Top = 10,
) -> None:
    """Say whom a user may want to follow next (Adamic and Adar 2003)."""
    from emberlake.graphs import answers

    with asked(call) as lake:
        rows = answers.whom_to_follow(lake, user, top)
    call.screen.show(rows, lambda: [table(_short(rows))])


def _referrals(call: Call, user: User = None, top: Top = 10) -> None:
    """Show through whom most users came, or the tree under one."""
    from emberlake.graphs import answers

    with asked(call) as lake:
        rows = answers.invitations(lake, user, top)
    call.screen.show(rows, lambda: [table(_ids(rows))])


@contextmanager
def asked(call: Call) -> Iterator[Lake]:
    """The lake, without an engine."""
    from emberlake.lake import Lake

    require_lake(call)
    with Lake(None, call.settings) as lake:
        yield lake


@contextmanager
def on_engine(call: Call, title: str) -> Iterator[tuple[Lake, Progress]]:
    """The lake on the setting's engine, and a bar."""
    from emberlake.engine import open_engine, resolve_engine
    from emberlake.lake import Lake

    require_lake(call)
    with one_bar(call.screen, title) as tell:
        kind = resolve_engine(call.settings)
        tell(f"starting {kind}", 0.0)
        with open_engine(call.settings, kind, short=True) as engine, Lake(engine.session, call.settings) as lake:
            yield lake, tell


def _short(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Shares in four digits, and numbers that are names without thousands marks."""
    return _ids([{k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()} for row in rows])


_NAMES = ("user_id", "number", "community", "followee_id", "leader_id", "referred_by", "root_id", "product_id")


def _ids(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: str(v) if k in _NAMES and v is not None else v for k, v in row.items()} for row in rows]


command(app, "build", "emberlake graph build")(_build)
command(
    app,
    "rank",
    ("emberlake graph rank --top 5", "emberlake graph rank --near 42", "emberlake graph rank --of together"),
)(_rank)
command(app, "communities", ("emberlake graph communities", "emberlake graph communities --user 42"))(_communities)
command(app, "recommend", "emberlake graph recommend 42")(_recommend)
command(app, "referrals", ("emberlake graph referrals", "emberlake graph referrals --user 42"))(_referrals)
