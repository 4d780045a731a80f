"""`python -m bench`: measure rows against their peers, keep them, print the table."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from rich.console import Console

from bench.meter import BenchError
from bench.page import PAGE, write_page
from bench.registry import Scales, every_series
from bench.results import LATEST, keep, machine, read_results
from bench.rows import Row
from bench.screen import Meter, printer, show_list, show_results
from bench.series import Series, run_series
from bench.stage import Stage

Chosen = list[tuple[Series, list[Row]]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for; 0 if every row could be measured."""
    given = _parser().parse_args(arguments)
    console = Console(stderr=True)
    if given.quick:
        given.scale_max, given.runs = min(given.scale_max, 1.0), 1
    series = every_series(Scales(given.scale, given.scale_max))
    order = [row.name for each in every_series(Scales()) for row in each.rows]
    try:
        chosen = choose(series, given.only or ())
    except BenchError as error:
        console.print(f"Error: {error}", style="red", markup=False)
        return 2
    if given.list:
        show_list(printer(), chosen, given.runs)
        return 0
    if given.page:
        write_page(read_results(given.out))
        return 0
    fresh = []
    with _stage(given) as stage, Meter(console, sum(each.estimate(rows, given.runs) for each, rows in chosen)) as tell:
        for each, rows in chosen:
            measured = run_series(each, rows, given.runs, stage, tell)
            beside = machine()
            new = [one.entry() | beside for one in measured]
            fresh += new
            # At once: what was measured stays, however the rest ends.
            known = keep(new, order, given.out)
            if given.out == LATEST:
                write_page(known)
    show_results(printer(), fresh)
    missed = [row for row in fresh if row["holds"] is False and row["scale"] == row["asked_scale"]]
    return 1 if any("error" in row for row in fresh) or (given.strict and missed) else 0


def choose(series: Sequence[Series], only: Sequence[str]) -> Chosen:
    """The series with the rows that are asked for; all rows if none is named. A name may also be a series'.

    Raises:
        BenchError: if a name is none of a row or a series.
    """
    names = {row.name for each in series for row in each.rows} | {each.name for each in series}
    for name in only:
        if name not in names:
            close = get_close_matches(name, names, 1)
            meant = f"Did you mean {close[0]!r}? " if close else ""
            raise BenchError(f"There is no row {name!r}. {meant}They are: {', '.join(sorted(names))}.")
    found = [(each, [row for row in each.rows if not only or {row.name, each.name} & set(only)]) for each in series]
    return [(each, rows) for each, rows in found if rows]


@contextlib.contextmanager
def _stage(given: argparse.Namespace) -> Iterator[Stage]:
    """The work folder, emptied at the end unless it is to be kept; only what a bench run puts there is removed."""
    work = Path(given.work).absolute() if given.work else Path(tempfile.mkdtemp(prefix="emberlake-bench-"))
    work.mkdir(parents=True, exist_ok=True)
    stage = Stage(work, given.timeout)
    try:
        with stage.stack:
            yield stage
    finally:
        shutil.rmtree(work / "runs", ignore_errors=True)
        if not given.keep:
            for name in ("data", "peers", "server"):
                shutil.rmtree(work / name, ignore_errors=True)
            with contextlib.suppress(OSError):
                work.rmdir()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Emberlake against its peers.")
    add = parser.add_argument
    add("--runs", type=_whole, default=5, help="runs of each contestant; figures are medians (default 5)")
    add("--only", action="append", metavar="NAME", help="this row, or all rows of this series; repeat it")
    add("--scale", type=_positive, help="measure at this scale whatever the rows ask for (not those about growth)")
    add("--scale-max", type=_positive, default=200.0, help="rows that ask for more are measured at this scale")
    add("--quick", action="store_true", help="the same as --scale-max 1 --runs 1")
    add("--list", action="store_true", help="list the rows, and about how long each takes")
    add("--work", metavar="DIR", help="where data goes (default: a temporary folder; scale 200 needs about 30 GB)")
    add("--keep", action="store_true", help="leave the data there for the next run with the same --work")
    add("--out", type=Path, default=LATEST, metavar="FILE", help="results file that the rows are merged into")
    add("--timeout", type=_positive, default=7200.0, help="seconds after which a child is ended (default 7200)")
    add("--strict", action="store_true", help="exit code 1 when a goal is missed, too")
    add("--page", action="store_true", help=f"only write {PAGE.name} from the results")
    return parser


def _whole(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped. Rows that were done are in the results.", file=sys.stderr)
        sys.exit(130)
