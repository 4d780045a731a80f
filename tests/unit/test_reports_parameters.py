"""What readers give becomes typed values, or one clear sentence."""

from __future__ import annotations

import datetime as dt

import pytest

from emberlake.errors import ReportError
from emberlake.reports import bind, find_report, list_reports

TOP = find_report("top_products")
PARETO = find_report("pareto_products")


def test_nothing_given_means_the_defaults():
    assert bind(TOP) == {"since": None, "until": None, "category": None, "rank_by": "revenue", "top": 20}


@pytest.mark.parametrize("report", list_reports(), ids=lambda report: report.name)
def test_every_default_is_accepted_when_it_is_given(report):
    defaults = bind(report)
    assert bind(report, defaults) == defaults
    as_texts = {name: str(value) for name, value in defaults.items() if value is not None}
    assert bind(report, as_texts) == defaults


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("since", "2025-01-31", dt.date(2025, 1, 31)),
        ("since", " 2025-01-31 ", dt.date(2025, 1, 31)),
        ("since", dt.date(2025, 1, 31), dt.date(2025, 1, 31)),
        ("since", dt.datetime(2025, 1, 31, 12), dt.date(2025, 1, 31)),
        ("since", None, None),
        ("top", "7", 7),
        ("top", 7, 7),
        ("category", "Home & Garden", "Home & Garden"),
        ("rank-by", "units", "units"),
    ],
)
def test_texts_and_values_are_read(name, given, value):
    assert bind(TOP, {name: given})[name.replace("-", "_")] == value


@pytest.mark.parametrize("given", ["0.9", 0.9])
def test_numbers_are_read(given):
    assert bind(PARETO, {"a_share": given})["a_share"] == 0.9


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("since", "31/01/2025"),
        ("since", "2025-02-30"),
        ("since", "0999-12-31"),
        ("since", dt.date(2200, 1, 1)),
        ("since", 20250131),
        ("since", True),
        ("top", "many"),
        ("top", "7.5"),
        ("top", 7.5),
        ("top", True),
        ("top", 0),
        ("top", -1),
        ("top", 1_000_001),
        ("top", 2**63),
        ("top", None),
        ("category", 7),
        ("rank_by", "profit"),
        ("rank_by", None),
    ],
)
def test_what_does_not_fit_is_refused_with_what_fits(name, given):
    with pytest.raises(ReportError) as raised:
        bind(TOP, {name: given})
    assert raised.value.problem == f"Report 'top_products': parameter {name!r} is {given!r}."
    assert raised.value.hint == f"It takes {TOP.parameters[name].accepts}: {TOP.parameters[name].meaning}"


@pytest.mark.parametrize("given", ["nan", "inf", float("nan"), "-0.1"])
def test_numbers_that_are_none_are_refused(given):
    with pytest.raises(ReportError, match="It takes a number of 0 or more"):
        bind(PARETO, {"a_share": given})


def test_choices_are_listed():
    with pytest.raises(ReportError, match="It takes one of revenue, units, margin"):
        bind(TOP, {"rank_by": "profit"})


def test_an_unknown_parameter_is_answered_with_the_nearest_and_the_list():
    with pytest.raises(ReportError) as raised:
        bind(TOP, {"sinse": "2025-01-01"})
    assert str(raised.value).startswith(
        "Report 'top_products' takes no parameter 'sinse'. Did you mean 'since'? It takes:"
    )
    assert "since (a date such as 2025-01-31, from 1900 to 2199)" in raised.value.hint


def test_a_report_without_parameters_says_so():
    with pytest.raises(ReportError, match="takes no parameter 'top'. It takes none."):
        bind(find_report("stock_by_category"), {"top": 1})
