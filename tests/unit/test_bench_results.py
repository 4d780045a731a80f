"""The results file, the page made from it, and the registry of rows."""

from __future__ import annotations

import inspect
import json
import re

import pytest
from bench.__main__ import choose, main
from bench.meter import BenchError
from bench.page import PAGE, render
from bench.peers.literals import with_values
from bench.peers.notebook_gold import GOLD_CELLS
from bench.registry import Scales, every_series
from bench.results import LATEST, keep, machine, merge, read_results

from emberlake.lake import Lake
from emberlake.reports import list_reports
from emberlake.tables import GOLD

# What the project promises of each row.
FIELDS = ("name", "unit", "ours", "peer", "peer_name", "ratio", "goal", "holds", "runs", "spread", "versions", "cores")
# Row: the goal and the scale that were asked for.
ASKED = {
    "build_vs_notebook": ("<= 0.1", 1),
    "generation": (">= 1.5", 200),
    "engines": (">= 3", 200),
    "reports": ("<= 2", 200),
    "increment": ("<= 0.15", 200),
    "spark_cold": ("<= 0.5", 1),
    "spark_warm": (None, 1),
    "gates": ("<= 1.15", 200),
    "growth_10": ("<= 1", 10),
    "growth_100": ("<= 1", 100),
    "growth_200": ("<= 1", 200),
    "memory_1": ("<= 1", 1),
    "memory_200": ("<= 1", 200),
    "seeds_generation": ("<= 1", 1),
    "seeds_reports": ("<= 1", 1),
    **{f"graph_{name}_memory": ("<= 1", 100) for name in ("ranks", "components", "triangles")},
    **{f"graph_{name}_growth": ("<= 12", 100) for name in ("ranks", "components", "triangles")},
    **{f"graph_{name}_igraph": (None, 5) for name in ("ranks", "components", "triangles")},
    "graph_chain": ("<= 1", 1),
}


def entry(name, **more):
    known = dict.fromkeys(FIELDS) | {"name": name, "what": "w", "unit": "s", "peer_name": "p", "runs": 1, "scale": 1}
    return known | {"asked_scale": 1, "holds": True, "goal": "<= 1", "ratio": 0.5, "ours": 1.0, "peer": 2.0} | more


def rows_of(scales=None):
    return {row.name: row for series in every_series(scales or Scales()) for row in series.rows}


@pytest.mark.parametrize("name", ASKED)
def test_every_figure_to_reach_is_registered_with_its_goal_and_scale(name):
    row = rows_of()[name]
    assert (str(row.goal) if row.goal else None, row.asked_scale, row.scale) == (*ASKED[name], ASKED[name][1])


def test_names_are_unique_and_contestants_exist():
    series = every_series(Scales())
    names = [row.name for each in series for row in each.rows]
    assert len(names) == len(set(names))
    for each in series:
        assert {name for row in each.rows for name in row.needs} <= {contestant.name for contestant in each.contestants}


def test_scales_can_be_capped_or_given():
    assert rows_of(Scales(most=20))["engines"].scale == 20
    assert rows_of(Scales(most=20))["engines"].asked_scale == 200
    assert rows_of(Scales(only=0.1))["spark_cold"].scale == 0.1
    # A shop of scale 100 is not made where 20 is the most.
    assert {name for name in rows_of(Scales(most=20)) if name.startswith("growth")} == {"growth_10"}


def test_a_row_or_a_whole_series_can_be_chosen():
    series = every_series(Scales())
    assert [(each.name, [row.name for row in rows]) for each, rows in choose(series, ["gates"])] == [
        ("lake", ["gates"])
    ]
    assert [len(rows) for _, rows in choose(series, ["lake"])] == [3]
    assert len(choose(series, [])) == len(series)
    with pytest.raises(BenchError, match="Did you mean 'gates'"):
        choose(series, ["gate"])


def test_a_partial_run_replaces_its_rows_only(tmp_path):
    path = tmp_path / "results" / "latest.json"
    keep([entry("a", ratio=1), entry("b", ratio=2), entry("of later work")], ["b", "a"], path)
    rows = keep([entry("a", ratio=3)], ["b", "a"], path)
    assert [(row["name"], row["ratio"]) for row in rows] == [("b", 2), ("a", 3), ("of later work", 0.5)]
    assert json.loads(path.read_text()) == rows
    assert [file.name for file in path.parent.iterdir()] == ["latest.json"]


def test_merging_keeps_an_error_in_the_place_of_an_older_figure():
    [row] = merge([entry("a")], [entry("a", error="fell over", holds=False)])
    assert row["error"] == "fell over"


def test_the_machine_names_what_figures_depend_on():
    beside = machine()
    assert set(beside["versions"]) >= {"python", "pyspark", "pysail", "delta", "deltalake", "duckdb"}
    assert "none" not in beside["versions"].values()
    assert beside["cores"] >= 1 and beside["memory_gb"] > 0 and re.match(r"\d{4}-\d\d-\d\dT", beside["date"])


def test_the_page_shows_verdicts_and_says_where_a_scale_is_another():
    rows = [entry("good"), entry("bad", holds=False), entry("said", holds=None, goal=None)]
    rows += [entry("small", asked_scale=200), entry("lost", holds=False, ratio=None, ours=None, error="fell over")]
    text = render([row | machine() for row in rows], "{{table}}\n{{machine}}")
    lines = {name: next(line for line in text.splitlines() if line.startswith(f"| `{name}`")) for name in
             ("good", "bad", "said", "small", "lost")}  # fmt: skip
    assert "| yes |" in lines["good"] and "| **no** |" in lines["bad"] and "| stated |" in lines["said"]
    assert "1 (asked: 200)" in lines["small"] and "yes, at another scale" in lines["small"]
    assert "| error |" in lines["lost"] and "`lost`: fell over" in text
    assert "all rows" in text


def test_the_page_in_the_repository_is_what_the_results_give():
    assert PAGE.read_text() == render(read_results()), "write it again: python -m bench --page"


def test_kept_results_have_every_field():
    for row in read_results(LATEST):
        assert set(FIELDS) <= set(row), row["name"]


def test_the_list_measures_nothing(capsys, tmp_path):
    assert main(["--list", "--only", "gates", "--out", str(tmp_path / "none.json")]) == 0
    said = capsys.readouterr().out
    assert "gates" in said and "in all" in said and not (tmp_path / "none.json").exists()


def test_an_unknown_row_is_refused_with_its_like(capsys):
    assert main(["--only", "gatez"]) == 2
    assert "gates" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--runs", "0"], ["--runs", "x"], ["--scale", "-1"], ["--scale-max", "inf"]])
def test_a_number_that_makes_no_sense_is_refused(wrong, capsys):
    with pytest.raises(SystemExit) as left:
        main(wrong)
    assert left.value.code == 2


def test_the_notebook_makes_every_gold_table():
    assert set(GOLD_CELLS) == set(GOLD)


@pytest.mark.parametrize("report", list_reports(), ids=lambda report: report.name)
def test_a_reports_values_are_written_into_its_sql(report):
    assert not re.search(r"(?<!:):(" + "|".join([*report.parameters, "-"]) + r")\b", with_values(report))


def test_the_ungated_lake_overrides_a_method_that_is_there():
    from bench.ungated import OpenLake

    assert inspect.signature(OpenLake._write) == inspect.signature(Lake._write)
