"""One case or more for every report: rows written by hand, and the rows that they must give."""

from tests.report_cases import customers, products, sales, stock, tpch, visits
from tests.report_cases.case import Case

CASES: list[Case] = [
    *sales.CASES,
    *products.CASES,
    *customers.CASES,
    *stock.CASES,
    *visits.CASES,
    *tpch.CASES,
]
