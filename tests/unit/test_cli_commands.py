"""Commands: what they print, in both forms, and how they fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from emberlake.cli.app import app
from emberlake.settings import Settings
from emberlake.steps import claim_root

RUN = CliRunner()
EMBERLAKE = [sys.executable, "-m", "emberlake.cli"]


def emberlake(*arguments, **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*EMBERLAKE, *map(str, arguments)], capture_output=True, text=True, timeout=120, **more)


def commands(group=None, path=()):
    """Every command that there is, with the words that call it."""
    group = group or get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands())


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_help_says_what_it_does_and_shows_an_example(words):
    result = RUN.invoke(app, [*words, "--help"])
    assert result.exit_code == 0
    said = " ".join(result.output.split())
    assert f"Example: emberlake {' '.join(words)}" in said
    assert ALL[words].help and ALL[words].help.split("\n")[0].rstrip().endswith((".", ")"))
    assert "--json" in said and "--root" in said


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_option_is_explained(words):
    unexplained = [p.name for p in ALL[words].params if getattr(p, "opts", [""])[0].startswith("-") and not p.help]
    assert unexplained == []


def test_settings_are_taken_before_and_after_the_command(tmp_path):
    before = RUN.invoke(app, ["--json", "--root", str(tmp_path), "steps"])
    after = RUN.invoke(app, ["steps", "--json", "--root", str(tmp_path)])
    assert json.loads(before.stdout) == json.loads(after.stdout)
    assert [row["step"] for row in json.loads(after.stdout)][:2] == ["data", "bronze"]


def test_the_one_nearer_to_the_command_holds(tmp_path):
    missing, there = tmp_path / "missing", tmp_path / "there"
    claim_root(Settings(root=there))
    result = RUN.invoke(app, ["--root", str(missing), "clean", "--dry-run", "--json", "--root", str(there)])
    assert json.loads(result.stdout)["root"] == str(there)


def test_the_environment_is_heard(tmp_path, monkeypatch):
    claim_root(Settings(root=tmp_path / "from-the-environment"))
    monkeypatch.setenv("EMBERLAKE_ROOT", str(tmp_path / "from-the-environment"))
    assert "from-the-environment" in RUN.invoke(app, ["clean", "--dry-run", "--json"]).stdout


def test_help_starts_no_engine_and_loads_none():
    program = (
        "import sys; sys.argv = ['emberlake', '--help']\n"
        "from emberlake.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pyspark', 'pandas', 'pyarrow', 'numpy', 'duckdb', 'deltalake', 'pysail'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr


def test_version():
    assert RUN.invoke(app, ["--version"]).stdout.startswith("emberlake 0.")


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["build", "--from", "sliver"], 2, "There is no step 'sliver'."),
        (["report", "revenu_by_month"], 1, "There is no report 'revenu_by_month'."),
        (["report", "funnel"], 1, "There is no lakehouse in"),
        (["report", "funnel", "--param", "device"], 2, "--param 'device' has no value."),
        (["lake", "loads"], 1, "There is no lakehouse in"),
        (["lake", "catalog", "gold.nothing"], 1, "There is no gold table 'nothing'."),
        (["lake", "restore", "silver.orders", "--version", "1"], 1, "There is no lakehouse in"),
        (["clean"], 2, "There is no"),
        (["steps", "--scale", "0"], 2, "Setting 'scale' is 0.0"),
        (["import", "nowhere.csv", "--as", "ordes"], 1, "There is no source 'ordes'."),
        (["import", "nowhere.csv", "--as", "orders"], 1, "nowhere.csv"),
        (["import", "nowhere.csv", "--as", "orders", "--decimal", ";"], 2, "--decimal is ';'"),
    ],
)
def test_a_failure_is_one_sentence_and_a_code(tmp_path, arguments, code, problem):
    result = emberlake(*arguments, "--root", tmp_path / "root")
    assert result.returncode == code
    assert result.stderr.startswith("Error: ")
    assert problem in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "root").exists(), "asking for what is not there wrote something"


def test_debug_shows_where(tmp_path):
    result = emberlake("clean", "--debug", "--root", tmp_path / "root")
    assert "Traceback" in result.stderr and "holdings" in result.stderr


def test_what_nobody_foresaw_is_one_sentence_with_the_log(tmp_path, monkeypatch):
    monkeypatch.setattr("emberlake.cli.job.table", lambda rows: 1 / 0)
    result = RUN.invoke(app, ["steps", "--root", str(tmp_path / "root")])
    assert result.exit_code == 1
    said = " ".join(result.stderr.split())
    assert said.startswith("Error: Something unforeseen happened: ZeroDivisionError: division by zero.")
    log = Path(said.split("The whole story is in ")[1].removesuffix("."))
    assert "1 / 0" in log.read_text()


def test_ctrl_c_says_that_the_same_command_goes_on(monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("emberlake.cli.job.table", stop)
    result = RUN.invoke(app, ["steps"])
    assert result.exit_code == 130
    assert "Stopped; run the same command to go on." in result.stderr


def test_a_closed_pipe_is_no_error():
    result = subprocess.run(
        f"{sys.executable} -m emberlake.cli lake catalog --json | head -1", shell=True, capture_output=True, text=True
    )
    assert result.stdout == "[\n"
    assert "Error" not in result.stderr and "Traceback" not in result.stderr


@pytest.fixture
def filled(tmp_path):
    settings = Settings(root=tmp_path / "a root")
    claim_root(settings)
    settings.lake.mkdir()
    (settings.lake / "part").write_bytes(b"x" * 2048)
    (settings.root / "notes.txt").write_text("mine")
    return settings


def test_clean_shows_and_removes_only_what_is_ours(filled):
    shown = RUN.invoke(app, ["clean", "--dry-run", "--root", str(filled.root)])
    assert "2 KiB" in shown.stdout and (filled.lake / "part").exists()
    result = RUN.invoke(app, ["clean", "--yes", "--json", "--root", str(filled.root)])
    assert json.loads(result.stdout)["removed"] is True
    assert [path.name for path in filled.root.iterdir()] == ["notes.txt"]


def test_clean_asks_and_takes_silence_for_no(filled):
    result = RUN.invoke(app, ["clean", "--root", str(filled.root)])
    assert result.exit_code == 1
    assert "Nothing was removed." in result.stderr
    assert (filled.lake / "part").exists()


def test_clean_refuses_a_folder_without_the_mark(tmp_path):
    (tmp_path / "lake").mkdir()
    result = RUN.invoke(app, ["clean", "--yes", "--root", str(tmp_path)])
    assert result.exit_code == 2
    assert (tmp_path / "lake").exists()


def test_the_shop_is_made_and_its_files_listed(tmp_path):
    result = emberlake("synth", "--scale", "0.01", "--json", "--root", tmp_path / "root")
    assert result.returncode == 0, result.stderr
    made = json.loads(result.stdout)
    assert {"orders", "users", "events"} <= {row["table"] for row in made["tables"]}
    assert all(row["bytes"] > 0 for row in made["tables"])


def test_the_reports_are_listed_with_their_questions():
    rows = json.loads(RUN.invoke(app, ["report", "--list", "--json"]).stdout)
    assert len(rows) >= 20
    assert all(row["question"].endswith("?") for row in rows)


def test_the_dictionary_of_an_unbuilt_lake_has_every_meaning(tmp_path):
    entries = json.loads(RUN.invoke(app, ["lake", "catalog", "--json", "--root", str(tmp_path / "root")]).stdout)
    assert {entry["table"].split(".")[0] for entry in entries} == {"bronze", "silver", "quarantine", "gold"}
    assert all(column["meaning"] for entry in entries for column in entry["columns"])
    assert all(entry["rows"] is None for entry in entries)


def test_a_real_ctrl_c_stops_the_shop_in_the_making(tmp_path):
    root = tmp_path / "root"
    process = subprocess.Popen(
        [*EMBERLAKE, "build", "--to", "data", "--scale", "60", "--root", str(root)],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not list((root / "landing").glob("*")) if root.exists() else True:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Stopped; run the same command to go on." in said
    assert "Traceback" not in said


def test_typer_apps_have_no_command_without_settings():
    assert isinstance(app, typer.Typer)
    for words, command in ALL.items():
        assert "root" in {parameter.name for parameter in command.params}, words
