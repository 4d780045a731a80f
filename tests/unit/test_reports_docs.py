"""The how-to knows every report, and its example is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emberlake.reports import bind, find_report, list_reports
from emberlake.reports.report import parse

PAGE = (Path(__file__).parents[2] / "docs/how-to/reports.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("report", list_reports(), ids=lambda report: report.name)
def test_every_report_is_listed_with_its_question_and_parameters(report):
    takes = ", ".join(f"`{name}`" for name in report.parameters) or "–"
    assert f"| `{report.name}` | {report.question} | {takes} |" in PAGE


def test_no_report_is_listed_that_is_not_there():
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == {report.name for report in list_reports()}


def test_the_example_is_a_report():
    [example] = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    assert parse("revenue_by_channel", example).parameters.keys() == {"since"}


@pytest.mark.parametrize("line", re.findall(r"^emberlake report (\w+.*)$", PAGE, re.MULTILINE))
def test_the_commands_take_what_they_are_given(line):
    name, *_ = line.split()
    bind(find_report(name), dict(re.findall(r"--param (\w+)=(\S+)", line)))
