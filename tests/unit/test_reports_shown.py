"""Answers as CSV, JSON, pages and pictures; no engine needed."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal

import pyarrow as pa
import pytest
from PIL import Image

from emberlake.reports import Answer, bind, find_report, list_reports, plot, to_csv, to_html, to_json, to_png
from emberlake.reports.chart import COLOURS, chart
from emberlake.reports.report import Report

UNIT_VALUES = {
    "EUR": [Decimal("1234567.89"), None, Decimal("0.10")],
    "USD": [Decimal("5.00"), Decimal("7.00"), Decimal("9.00")],
    "share": [0.25, 1.0, None],
    "pieces": [3, 5, -1],
    "days": [1.5, 20.0, None],
    "months": [0, 1, 2],
    "UTC": [dt.date(2025, 1, 1), dt.date(2025, 2, 1), dt.date(2025, 3, 1)],
    "stars": [1, 4, 5],
    "": ["A <b>&", None, "=2+2"],
}
NUMBERS = [3, None, 5.5]


def made_up(report: Report, rows: int = 3) -> Answer:
    """An answer with the report's columns and some value in each, by its unit."""
    drawn = {report.plot.value, *report.plot.y} if report.plot.kind != "heatmap" else {report.plot.value}
    columns = {
        name: (NUMBERS if name in drawn and column.unit == "" else UNIT_VALUES[column.unit])[:rows]
        for name, column in report.columns.items()
    }
    return Answer(report, bind(report), None, pa.table(columns))


def of(report_name: str, /, **columns: list) -> Answer:
    report = find_report(report_name)
    return Answer(report, bind(report), "2025-03-01", pa.table({c: columns[c] for c in report.columns if c in columns}))


@pytest.mark.parametrize("report", list_reports(), ids=lambda report: report.name)
def test_every_report_becomes_a_picture(report):
    picture = Image.open(io.BytesIO(to_png(made_up(report))))
    assert picture.format == "PNG"
    assert picture.width == 1200
    assert len(set(picture.convert("L").resize((60, 60)).tobytes())) > 3, "nothing was drawn"


@pytest.mark.parametrize("report", list_reports(), ids=lambda report: report.name)
def test_every_report_becomes_a_figure_with_data(report):
    figure = plot(made_up(report))
    assert figure.data
    assert report.title in figure.layout.title.text
    assert report.question in figure.layout.title.text


@pytest.mark.parametrize("report", list_reports(), ids=lambda report: report.name)
def test_no_rows_are_said_in_words(report):
    empty = made_up(report, rows=0)
    assert [note.text for note in plot(empty).layout.annotations] == ["Nothing to show: no rows for these parameters."]
    assert to_png(empty).startswith(b"\x89PNG")


def test_a_page_needs_nothing_from_elsewhere():
    page = to_html(made_up(find_report("revenue_by_month")))
    assert len(page) > 1_000_000, "plotly's script is not inside"
    assert "<script src=" not in page
    assert "<link" not in page


def test_a_page_runs_nothing_that_a_visitor_typed():
    typed = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
    page = to_html(of("top_searches", search=[typed], searches=[1], visits=[1]))
    assert "<img src=x" not in page
    assert "<script>alert(2)" not in page


def test_csv_keeps_cents_and_leaves_null_empty():
    text = to_csv(made_up(find_report("revenue_by_month")))
    header, first, second, _ = list(csv.reader(io.StringIO(text)))
    assert header == list(find_report("revenue_by_month").columns)
    assert first[0] == "2025-01-01"
    assert first[header.index("revenue")] == "1234567.89"
    assert second[header.index("revenue")] == ""
    assert text.endswith("\r\n")


def test_a_spreadsheet_runs_no_formula_from_the_data():
    text = to_csv(of("top_searches", search=["=2+2", "-1", 'tea, "green"'], searches=[-1, 2, 3]))
    assert [row[0] for row in csv.reader(io.StringIO(text))] == ["search", "'=2+2", "'-1", 'tea, "green"']
    assert ",-1\r\n" in text, "a number stays a number"


def test_json_says_what_was_asked_and_keeps_every_digit():
    answer = of("revenue_by_month", month=[dt.date(2025, 1, 1)], revenue=[Decimal("12345678901234567890.12")])
    text = to_json(answer)
    read = json.loads(text, parse_float=Decimal)
    assert read["report"] == "revenue_by_month"
    assert read["parameters"] == {"since": None, "until": None, "country": None, "channel": None}
    assert read["as_of"] == "2025-03-01"
    assert read["columns"]["revenue"]["unit"] == "EUR"
    assert read["rows"] == [{"month": "2025-01-01", "revenue": Decimal("12345678901234567890.12")}]


def test_json_has_no_nan():
    text = to_json(of("revenue_by_month", month=[None], growth_month=[float("nan")], growth_year=[float("inf")]))
    assert json.loads(text)["rows"] == [{"month": None, "growth_month": None, "growth_year": None}]


def test_json_without_rows_is_still_json():
    assert json.loads(to_json(made_up(find_report("funnel"), rows=0)))["rows"] == []


def test_two_products_of_one_name_are_two_bars():
    drawn = chart(of("top_products", name=["Bear", "Bear", None], revenue=[3, 2, 1]))
    assert drawn.categories == ("Bear", "Bear (2)", "–")


def test_two_cities_of_one_name_say_their_country():
    drawn = chart(of("revenue_by_city", city=["Rome", "Rome"], country=["IT", "US"], revenue=[3, 2]))
    assert drawn.categories == ("Rome", "Rome (US)")
    assert [series.name for series in drawn.series] == ["IT", "US"]


def test_a_state_has_its_colour_whatever_else_is_there():
    low = chart(of("stock_by_category", category=["A"], state=["low"], value=[1])).series
    both = chart(of("stock_by_category", category=["A", "A"], state=["slow", "low"], value=[1, 2])).series
    assert [(series.name, series.colour) for series in low] == [("low", COLOURS[1])]
    assert [(series.name, series.colour) for series in both] == [("low", COLOURS[1]), ("slow", COLOURS[3])]


def test_the_first_month_of_cohorts_does_not_take_the_colours():
    month = dt.date(2025, 1, 1)
    drawn = chart(of("cohort_retention", cohort_month=[month] * 3, months_since=[0, 1, 2], retention=[1.0, 0.2, 0.1]))
    assert drawn.grid.cells == [[1.0, 0.2, 0.1]]
    assert drawn.grid.highest == 0.2
    assert drawn.grid.y == ["2025-01"]


def test_the_caption_says_what_limits_the_answer():
    answer = of("top_products", name=["Bear"], revenue=[3])
    assert chart(answer).caption == "rank by: revenue · top: 20 · as of 2025-03-01"


def test_more_colours_than_the_palette_differ_by_their_dashes():
    channels = [f"channel {i}" for i in range(10)]
    answer = of(
        "average_order_value", month=[dt.date(2025, 1, 1)] * 10, channel=channels, average_order_value=[1.0] * 10
    )
    styles = {(line.line.color, line.line.dash) for line in plot(answer).data}
    assert len(styles) == 10
