"""Every report says what it asks, takes, reads and returns, and its SQL does just that."""

from __future__ import annotations

import re
from collections import Counter

import pytest
import sqlglot
from sqlglot import exp
from tests.report_cases import CASES

from emberlake.errors import ReportError
from emberlake.reports import find_report, list_reports
from emberlake.reports.report import parse

REPORTS = list_reports()


def each_report(test):
    return pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)(test)


def tree(report):
    return sqlglot.parse_one(report.sql, read="spark")


def test_there_are_enough_and_every_topic_has_some():
    assert len(REPORTS) >= 24
    assert {report.topic for report in REPORTS} == {
        "sales", "customers", "products", "stock", "visits", "payments", "tpch",
    }  # fmt: skip


@pytest.mark.parametrize("what", ["name", "title", "question"])
def test_no_two_reports_share_a(what):
    counted = Counter(getattr(report, what) for report in REPORTS)
    assert [text for text, times in counted.items() if times > 1] == []


def test_every_report_has_a_case_written_by_hand():
    assert {report.name for report in REPORTS} - {case.report for case in CASES} == set()
    assert {case.report for case in CASES} - {report.name for report in REPORTS} == set()


@each_report
def test_the_sql_is_one_select(report):
    [statement] = sqlglot.parse(report.sql, read="spark")
    assert isinstance(statement, exp.Select)
    assert not list(statement.find_all(exp.Command, exp.DML, exp.DDL)) or isinstance(statement, exp.Query)


@each_report
def test_the_sql_reads_the_declared_tables_and_no_others(report):
    own = {cte.alias for cte in tree(report).find_all(exp.CTE)}
    read = {table.name for table in tree(report).find_all(exp.Table)} - own
    assert read == set(report.reads)


@each_report
def test_the_sql_uses_the_declared_parameters_and_no_others(report):
    used = {marker.name for marker in tree(report).find_all(exp.Placeholder)}
    assert used == set(report.parameters)


@each_report
def test_the_sql_returns_the_declared_columns_in_their_order(report):
    assert [column.alias_or_name for column in tree(report).selects] == list(report.columns)


@each_report
def test_the_answers_order_is_said(report):
    assert tree(report).args.get("order"), "an answer without an order differs from engine to engine"


@each_report
def test_no_clock_and_no_chance_in_the_sql(report):
    banned = r"\b(current_date|current_timestamp|now|rand|random|uuid|first|last|any_value)\s*\("
    assert not re.search(banned, report.sql.lower())


@each_report
def test_words_are_for_readers(report):
    assert report.question.endswith("?")
    assert all(column.meaning.endswith(".") for column in report.columns.values())
    assert all(parameter.meaning.endswith(".") for parameter in report.parameters.values())
    assert not report.notes or report.notes.endswith(".")


@each_report
def test_money_has_a_currency(report):
    for name, column in report.columns.items():
        if re.search(r"revenue|refunds|amount|margin|cost|price|discount|value|gross|balance|average_paid", name):
            shown_as_a_part = name.endswith(("_rate", "_share"))
            assert column.unit == "share" if shown_as_a_part else column.unit in ("EUR", "USD"), name


GOOD = """/*
topic: sales
title: A title
question: How much is it?
parameters:
  top: {type: int, default: 5, minimum: 1, meaning: "How many are shown."}
reads:
  daily_sales: [revenue]
columns:
  day: [UTC, "The day."]
  revenue: [EUR, "The money."]
plot: {kind: line, x: day, y: revenue}
*/
select day, revenue from daily_sales order by day limit :top;
"""


def test_a_good_file_is_read():
    report = parse("good", GOOD)
    assert report.reads == {"daily_sales": ("revenue",)}
    assert report.columns["revenue"].unit == "EUR"
    assert report.sql == "select day, revenue from daily_sales order by day limit :top"
    assert parse("good", GOOD.replace("\n", "\r\n")) == report


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("/*", "--", "good.sql does not begin with its front matter"),
        ("title: A title", "title: A: title", "the front matter is not YAML"),
        ("title: A title\n", "", "title: Field required"),
        ("topic: sales", "topic: shoes", "topic: Input should be 'sales'"),
        ("topic: sales", "topic: sales\nsql: drop table x", "may not say ['sql']"),
        ("topic: sales", "topic: sales\nauthor: me", "author: Extra inputs are not permitted"),
        ("daily_sales:", "daily_sale:", "There is no table 'daily_sale'."),
        ("[revenue]", "[revenu]", "daily_sales has no column ['revenu']"),
        ("y: revenue", "y: profit", "the plot names ['profit'], which the report does not return"),
        ("[EUR,", "[DM,", "columns.revenue.unit: Input should be"),
        ('[EUR, "The money."]', "EUR", "each column is written as `name: [unit, meaning]`"),
        ("default: 5", "default: five", "the default 'five' is not of type int"),
        ("type: int", "type: integer", "parameters.top.type: Input should be"),
        ("minimum: 1", "choices: [a, b]", "the default 5 is not one of the choices"),
    ],
)
def test_a_bad_file_is_refused_with_a_reason(old, new, says):
    with pytest.raises(ReportError, match=re.escape(says)) as raised:
        parse("good", GOOD.replace(old, new, 1))
    assert "good.sql" in str(raised.value)


def test_front_matter_that_is_a_list_is_refused():
    with pytest.raises(ReportError, match="is not a list of `key: value` lines"):
        parse("bad", "/*\n- a\n- b\n*/\nselect 1")


@pytest.mark.parametrize("written", ["revenue_by_month", "revenue-by-month", " Revenue_By_Month "])
def test_a_name_is_found_however_it_is_typed(written):
    assert find_report(written).name == "revenue_by_month"


@pytest.mark.parametrize(
    ("asked", "meant"), [("revenue_by_mnth", "revenue_by_month"), ("cohort", "cohort_retention"), ("rfm", "rfm_matrix")]
)
def test_a_wrong_name_is_answered_with_the_nearest(asked, meant):
    with pytest.raises(ReportError, match=f"There is no report '{asked}'. Did you mean '{meant}'"):
        find_report(asked)


def test_a_name_like_no_other_gets_the_whole_list():
    with pytest.raises(ReportError) as raised:
        find_report("zzz")
    assert "Did you mean" not in str(raised.value)
    assert all(report.name in raised.value.hint for report in REPORTS)
