"""What runs a report: views, time travel, what the data allows."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.random_shop import random_shop
from tests.report_tables import TablesInMemory, written

from emberlake.errors import ReportError
from emberlake.reports import answer, available, find_report, list_reports, run_report, to_csv, to_json, to_png
from emberlake.tables import find

SALES = """
    day         country  channel  orders  revenue  refunds
    2025-01-01  DE       web      1       10.00    0.00
"""
LATER = """
    day         country  channel  orders  revenue  refunds
    2025-01-01  DE       web      1       99.00    0.00
"""


def lake(engine, **tables):
    return TablesInMemory(
        engine.session, {f"{find(name).layer}.{name}": written(name, text) for name, text in tables.items()}
    )


def test_only_the_tables_that_a_report_reads_are_opened(engine):
    tables = lake(engine, daily_sales=SALES)
    answer(engine.session, tables, "revenue_by_month")
    assert tables.asked == [("gold.daily_sales", None)]


def test_views_are_gone_afterwards(engine):
    answer(engine.session, lake(engine, daily_sales=SALES), "revenue_by_month")
    assert not engine.session.catalog.tableExists("daily_sales")


def test_a_dataframe_keeps_its_rows_when_another_lake_is_asked(engine):
    first = run_report(engine.session, lake(engine, daily_sales=SALES), "revenue_by_month")
    second = run_report(engine.session, lake(engine, daily_sales=LATER), "revenue_by_month")
    assert [str(row["revenue"]) for row in (*first.collect(), *second.collect())] == ["10.00", "99.00"]


@pytest.mark.parametrize(
    ("as_of", "asked"),
    [
        ("2025-03-01", "2025-03-01"),
        (dt.date(2025, 3, 1), "2025-03-01"),
        (dt.datetime(2025, 3, 1, 12), "2025-03-01T12:00:00"),
        (dt.datetime(2025, 3, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=2))), "2025-03-01T10:00:00"),
    ],
)
def test_the_lake_is_asked_for_the_tables_of_that_time(engine, as_of, asked):
    tables = lake(engine, daily_sales=SALES)
    got = answer(engine.session, tables, "revenue_by_month", as_of=as_of)
    assert tables.asked == [("gold.daily_sales", asked)]
    assert got.as_of == asked


def test_a_wrong_parameter_is_said_before_anything_is_read(engine):
    tables = lake(engine, daily_sales=SALES)
    with pytest.raises(ReportError, match="takes no parameter 'sinse'"):
        answer(engine.session, tables, "revenue_by_month", {"sinse": "2025-01-01"})
    assert tables.asked == []


def test_parameters_are_bound_and_never_pasted(engine):
    got = answer(engine.session, lake(engine, daily_sales=SALES), "revenue_by_month", {"country": "DE' or '1'='1"})
    assert got.rows.num_rows == 0


@pytest.mark.parametrize(
    "given",
    [
        {"since": "1900-01-01", "until": "2199-12-31", "top": 1_000_000, "days": 1_000_000, "months": 1_000_000},
        {
            "since": "2199-12-31",
            "until": "1900-01-01",
            "top": 1,
            "days": 1,
            "months": 0,
            "country": "",
            "category": "'",
        },
    ],
    ids=["widest", "narrowest"],
)
@pytest.mark.parametrize("name", ["revenue_by_day", "cohort_retention", "time_between_orders", "top_products"])
def test_the_ends_of_what_is_accepted_are_answered(engine, name, given):
    taken = {key: value for key, value in given.items() if key in find_report(name).parameters}
    got = answer(engine.session, lake(engine, daily_sales=SALES), name, taken)
    assert got.rows.column_names == list(find_report(name).columns)


def test_a_whole_shop_allows_every_report(engine):
    judged = available(TablesInMemory(engine.session, random_shop()))
    assert [each.report.name for each in judged] == [report.name for report in list_reports()]
    assert [each.why_not for each in judged if not each.allowed] == []


def test_an_order_log_allows_what_it_can_answer_and_says_why_not_the_rest(engine):
    # Customer, day and amount are all that there is.
    tables = lake(
        engine,
        orders="""
            order_id  user_id  ordered_at        amount
            1         7        2025-01-01 10:00  10.00
        """,
        order_features="""
            order_id  user_id  ordered_at        amount  order_number
            1         7        2025-01-01 10:00  10.00   1
        """,
        daily_sales="""
            day         country  channel  orders  revenue
            2025-01-01  unknown  unknown  1       10.00
        """,
        customer_360="""
            user_id  orders  revenue  first_ordered_at  last_ordered_at   recency_score  segment
            7        1       10.00    2025-01-01 10:00  2025-01-01 10:00  5              new
        """,
        cohorts="""
            month       cohort_month  months_since  customers
            2025-01-01  2025-01-01    0             1
        """,
    )
    judged = {each.report.name: each for each in available(tables)}
    for name in ("revenue_by_day", "revenue_by_month", "cohort_retention", "rfm_segments", "top_customers"):
        assert judged[name].allowed, judged[name].why_not
    assert (
        judged["revenue_by_country"].why_not == "Needs daily_sales.country (where the orders go to), which no row says."
    )
    assert judged["top_products"].why_not == (
        "Needs product_daily, which is made from order_items (the lines of orders): no rows in silver.order_items."
    )
    assert judged["payment_failures"].why_not == "Needs payments (attempts to pay orders): no rows in silver.payments."
    assert judged["basket_size"].why_not.startswith("Needs order_features.units (pieces ordered)")
    assert judged["returns_by_category"].why_not


def test_an_empty_answer_is_written_and_drawn_all_the_same(engine):
    got = answer(engine.session, lake(engine), "revenue_by_month")
    assert to_csv(got) == ",".join(find_report("revenue_by_month").columns) + "\r\n"
    assert '"rows": []' in to_json(got)
    assert to_png(got).startswith(b"\x89PNG")
    assert run_report(engine.session, lake(engine), "revenue_by_month").columns == list(got.rows.column_names)
