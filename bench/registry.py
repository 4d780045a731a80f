"""Every measurement, registered: the series, their contestants, and the rows with their goals."""

from __future__ import annotations

from dataclasses import dataclass

from bench import clustering, graphs, landing, lasting, live_scoring, recommending, scoring, tasks, tracking
from bench.meter import Sample
from bench.rows import Goal, Limit, Row
from bench.series import Contestant, Series
from bench.stage import gold_rows, same_rows, step_seconds

GROWTH = (1.0, 10.0, 100.0, 200.0)


@dataclass(frozen=True)
class Scales:
    """At which scale rows are measured.

    Attributes:
        only: this scale for every row (the rows of growth keep theirs); None: each row's own.
        most: rows that ask for more are measured at this one.
    """

    only: float | None = None
    most: float = 200.0

    def of(self, asked: float) -> float:
        return self.only if self.only is not None else min(asked, self.most)


def every_series(scales: Scales) -> list[Series]:
    """All series, the quick ones first."""
    return [starts(scales), seeds(scales), notebook(scales), generation(scales), reports(scales), lake(scales),
            clustering.series(scales), scoring.series(scales), recommending.series(scales),
            tracking.series(scales), graphs.series(scales), live_scoring.series(scales),
            landing.series(scales), growth(scales), lasting.series(scales)]  # fmt: skip


def notebook(scales: Scales) -> Series:
    """The whole job against the same work as a notebook tutorial writes it."""
    at = scales.of(1)
    row = Row(
        "build_vs_notebook", "`emberlake build` from nothing", "s", "build", "notebook",
        "the same tables and reports as a notebook writes them (Spark's defaults)", Goal("<=", 0.1), at, 1,
        check=lambda ours, peer: same_rows(gold_rows(ours), peer.said["gold"], "The build and the notebook"),
    )  # fmt: skip
    return Series(
        "notebook",
        (
            Contestant("build", tasks.build(at), 12 + 4 * at),
            Contestant("notebook", tasks.notebook(at), 240 + 20 * at, prepare=tasks.exports(at), prepare_estimate=8),
        ),
        (row,),
    )


def generation(scales: Scales) -> Series:
    """Making the shop against generators of data."""
    at = scales.of(200)

    def per_second(sample: Sample) -> float:
        return sample.said["rows"] / sample.seconds

    row = Row(
        "generation", "generation into Delta, all tables", "rows/s", "synth", "tpchgen",
        "tpchgen-cli to Parquet", Goal(">=", 1.5), at, 200, value=per_second, beside=("duckdb",),
    )  # fmt: skip
    return Series(
        "generation",
        (
            Contestant("synth", tasks.synth(at), 3 + 0.35 * at),
            Contestant("tpchgen", tasks.tpchgen(at), 1 + 0.25 * at),
            Contestant("duckdb", tasks.duckdb_shop(at), 1 + 0.15 * at),
        ),
        (row,),
    )


def lake(scales: Scales) -> Series:
    """Bronze to gold: on both engines, for an increment, and without the gates."""
    at = scales.of(200)

    def per_second(sample: Sample) -> float:
        return sample.said["source_rows"] / sample.seconds

    rows = (
        Row(
            "engines", "bronze to gold on the embedded engine", "rows/s", "sail", "spark", "tuned Spark, same tables",
            Goal(">=", 3), at, 200, value=per_second,
            check=lambda ours, peer: same_rows(gold_rows(ours), gold_rows(peer), "The engines"),
        ),
        Row("increment", "an increment of 1 % new rows", "s", "increment", "sail", "the full build, bronze to gold",
            Goal("<=", 0.15), at, 200),
        Row("gates", "quality gates, ledger and checks", "s", "sail", "ungated", "the same build without them",
            Goal("<=", 1.15), at, 200),
    )  # fmt: skip
    shop = {"prepare": tasks.shop(at), "prepare_estimate": 3 + 0.35 * at}
    return Series(
        "lake",
        (
            Contestant("sail", tasks.refine("sail", at), 10 + 1.6 * at, **shop),
            Contestant("increment", tasks.increment(at), 8 + 0.2 * at, after=("sail",)),
            Contestant("spark", tasks.refine("spark", at), 60 + 7 * at, **shop),
            Contestant("ungated", tasks.ungated(at), 8 + 1.4 * at, **shop),
        ),
        rows,
    )


def reports(scales: Scales) -> Series:
    """All reports against DuckDB on the same files."""
    at = scales.of(200)
    row = Row(
        "reports", "all reports, starts not counted", "s", "reports", "duckdb",
        "DuckDB, the same SQL transpiled, on the same files", Goal("<=", 2), at, 200,
        check=lambda ours, peer: same_rows(ours.said["rows"], peer.said["rows"], "The reports"),
        parts=lambda sample: {"start_seconds": sample.said["start"], "slowest": sample.said["slowest"]},
    )  # fmt: skip
    prepared = {"prepare": tasks.built(at), "prepare_estimate": 15 + 1.9 * at}
    return Series(
        "reports",
        (
            Contestant("reports", tasks.reports(at), 10 + 0.2 * at, **prepared),
            Contestant("duckdb", tasks.duckdb_reports(at), 4 + 0.1 * at, **prepared),
        ),
        (row,),
    )


def starts(scales: Scales) -> Series:
    """From the command to its first result, where it needs Spark."""
    at = scales.of(1)
    plain, what = "a plain SparkSession asked the same", "`emberlake report revenue_by_month --engine spark`"
    rows = (
        Row("spark_cold", f"{what}, cold", "s", "cold", "plain", plain, Goal("<=", 0.5), at, 1, beside=("embedded",)),
        Row("spark_warm", "the same report, asked of a Spark that runs", "s", "warm", "plain", plain, None, at, 1),
    )  # fmt: skip
    prepared = {"prepare": tasks.built(at), "prepare_estimate": 17 + 1.9 * at}
    return Series(
        "starts",
        (
            Contestant("cold", tasks.ask(at, "--engine", "spark"), 7, prepare=tasks.trained(at), prepare_estimate=90),
            Contestant("plain", tasks.plain_spark(at), 14, **prepared),
            Contestant("warm", tasks.ask_server(at), 3, prepare=tasks.server(at), prepare_estimate=25),
            Contestant("embedded", tasks.ask(at, "--engine", "sail"), 3, **prepared),
        ),
        rows,
    )


def seeds(scales: Scales) -> Series:
    """The figures that the project's own first description promised."""
    at = scales.of(1)
    rows = (
        Row("seeds_generation", "50,000 orders and all that belongs to them, made", "s", "synth", Limit(10, "limit"),
            "the limit of 10 s", Goal("<=", 1), at, 1),
        Row("seeds_reports", "the slowest report, as a command", "s", "each report", Limit(5, "limit"),
            "the limit of 5 s", Goal("<=", 1), at, 1, value=lambda sample: sample.said["slowest_seconds"],
            parts=lambda sample: {"slowest": sample.said["slowest"], "reports": sample.said["reports"]}),
    )  # fmt: skip
    return Series(
        "seeds",
        (
            Contestant("synth", tasks.synth(at), 3 + 0.35 * at),
            Contestant(
                "each report", tasks.each_report(at), 110 + 5 * at, prepare=tasks.built(at), prepare_estimate=17
            ),
        ),
        rows,
    )


def growth(scales: Scales) -> Series:
    """The whole job at growing scales: seconds a row, and memory."""
    measured = [scale for scale in GROWTH if scale <= scales.most] or [scales.most]
    first = measured[0]
    contestants, rows = [], []
    for scale in measured:
        name = f"scale {scale:g}"
        contestants.append(Contestant(name, tasks.build(scale), 12 + 2.5 * scale))
        limit = 4.0 if scale <= 1 else 8.0
        # Between the scales that the goals name, nothing is promised but the higher limit.
        rows.append(
            Row(f"memory_{scale:g}", "peak memory of `emberlake build`", "GB", name, Limit(limit, "limit"),
                f"the limit of {limit:g} GB", Goal("<=", 1), scale, scale, value=lambda sample: sample.peak / 1e9)
        )  # fmt: skip
        if scale != first:
            rows.append(
                Row(f"growth_{scale:g}", "`emberlake build`, starts not counted", "s/M rows", name, f"scale {first:g}",
                    f"itself at scale {first:g}", Goal("<=", 1), scale, scale, value=_seconds_a_million_rows,
                    parts=lambda sample: {"seconds_by_step": _by_step(sample)})
            )  # fmt: skip
    return Series("growth", tuple(contestants), tuple(rows))


def _seconds_a_million_rows(sample: Sample) -> float:
    return step_seconds(sample) / sample.said["source_rows"] * 1e6


def _by_step(sample: Sample) -> dict[str, float]:
    return {step["step"]: step["seconds"] for step in sample.said["steps"]}
