"""Business questions: one .sql file each, and what runs, draws and writes the answers.

Ask: `list_reports`, `find_report`, `available` (what the data allows), `bind` (are these parameters accepted?),
`answer` and `run_report`. Show: `to_csv`, `to_json`, `to_html`, `to_png`, `plot` (a plotly figure).
"""

from emberlake.reports.answer import Answer, AsOf, answer, run_report
from emberlake.reports.availability import Availability, available
from emberlake.reports.catalog import find_report, list_reports
from emberlake.reports.page import plot, to_html
from emberlake.reports.parameters import bind
from emberlake.reports.picture import to_png
from emberlake.reports.report import Report
from emberlake.reports.written import to_csv, to_json

__all__ = [
    "Answer", "AsOf", "Availability", "Report", "answer", "available", "bind", "find_report", "list_reports", "plot",
    "run_report", "to_csv", "to_html", "to_json", "to_png",
]  # fmt: skip
