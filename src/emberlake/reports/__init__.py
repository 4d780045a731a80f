"""Business questions: one .sql file each, and what runs, draws and writes the answers.

Public: `list_reports`, `find_report`, `available`, `answer`, `run_report`; `to_csv`, `to_json`, `to_html`, `to_png`,
`plot`; and what they return, `Report`, `Answer`, `Availability`.
"""

from emberlake.reports.answer import Answer, AsOf, answer, run_report
from emberlake.reports.availability import Availability, available
from emberlake.reports.catalog import find_report, list_reports
from emberlake.reports.report import Report

__all__ = [
    "Answer", "AsOf", "Availability", "Report", "answer", "available", "find_report", "list_reports", "run_report",
]  # fmt: skip
