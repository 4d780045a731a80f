"""The how-to: its commands exist and take what they are given, and its metric is one."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from emberlake.cli.app import app
from emberlake.trials import variant_of
from emberlake.trials.metric import parse_metric

PAGE = (Path(__file__).parents[2] / "docs/how-to/trials.md").read_text(encoding="utf-8")
LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
GROUP = get_command(app).commands["trial"]


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("emberlake trial")])
def test_the_commands_take_what_they_are_given(line):
    _, _, name, *given = shlex.split(line)
    command = GROUP.commands[name]
    command.parse_args(typer.Context(command, info_name=name), given)


def test_every_command_is_on_the_page():
    assert {shlex.split(line)[2] for line in LINES if line.startswith("emberlake trial")} == set(GROUP.commands)


def test_every_option_of_the_plan_is_explained():
    own = {p.opts[0] for p in GROUP.commands["plan"].params if p.opts[0].startswith("--")}
    shared = {p.opts[0] for p in GROUP.commands["metrics"].params if p.opts[0].startswith("--")}
    for option in own - shared:
        assert f"`{option}`" in PAGE or f"{option} " in PAGE, option


def test_the_example_is_a_metric():
    [example] = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    assert parse_metric("coupon_orders_per_user", example).kind == "mean"


def test_the_call_from_a_site_works():
    [call] = re.findall(r"^variant_of\(.*\)$", PAGE, re.MULTILINE)
    assert eval(call, {"variant_of": variant_of}) in ("control", "treatment")
