"""The repository keeps its word: what README says exists, and what exists is documented."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from tests.known_commands import fault_of
from typer.main import get_command

from emberlake.cli.app import app

HERE = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path for pattern in ("*.md", "docs/**/*.md") for path in HERE.glob(pattern) if ".venv" not in path.parts
)
GUIDES = [HERE / "README.md", *sorted(HERE.glob("docs/how-to/*.md"))]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=HERE, capture_output=True, text=True, check=True).stdout
    return [HERE / name for name in listed.splitlines() if (HERE / name).is_file()]


def leaves(group=None, path=()):
    for name, command in (group or get_command(app)).commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, (*path, name))
        elif not command.hidden:
            yield " ".join((*path, name))


def shown_commands() -> list[str]:
    """Every `emberlake …` line in a code block of a document."""
    lines = []
    for document in DOCUMENTS:
        for block in re.findall(r"```(?:sh|bash|console)\n(.*?)```", document.read_text(), re.DOTALL):
            lines += [
                line.split("  #")[0].removeprefix("$ ").removeprefix(".venv/bin/").strip()
                for line in block.splitlines()
            ]
    return sorted({line for line in lines if line.startswith("emberlake ")})


@pytest.mark.parametrize("line", shown_commands())
def test_a_command_that_a_document_shows_exists_with_its_options(line):
    assert fault_of(line) is None


@pytest.mark.parametrize("name", list(leaves()))
def test_every_command_is_in_the_readme_or_a_how_to(name):
    assert any(f"emberlake {name}" in guide.read_text() for guide in GUIDES), f"emberlake {name} is not documented"


def test_the_readme_shows_both_commands_and_a_picture_in_its_first_screen():
    screen = "\n".join((HERE / "README.md").read_text().splitlines()[:20])
    assert "make up" in screen and "make test" in screen
    picture = re.search(r"!\[.*?\]\((.*?)\)", screen)
    assert picture and "<svg" in (HERE / picture[1]).read_text()[:200]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(HERE)))
def test_links_between_documents_lead_somewhere(document):
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_decision_is_in_the_index():
    folder = HERE / "docs/decisions"
    index = (folder / "README.md").read_text()
    assert [page.name for page in folder.glob("[0-9]*.md") if page.name not in index] == []


def test_make_help_names_every_target_and_fits_one_screen():
    text = (HERE / "Makefile").read_text()
    said = subprocess.run(["make"], cwd=HERE, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"\.PHONY: (.*)", text)
    assert phony
    assert all(f"make {target}" in said for target in phony[1].split())
    assert len(text.splitlines()) <= 50


def test_no_module_is_long():
    long = {str(path.relative_to(HERE)): count for path in tracked() if path.suffix == ".py"
            if (count := len(path.read_text().splitlines())) > 300}  # fmt: skip
    assert long == {}


def test_the_project_names_no_machine_and_no_registry():
    ours = re.compile(rf"{re.escape(str(HERE))}/|https?://[a-z0-9.-]*(maven|pypi|pythonhosted|npmjs)[a-z0-9.-]*")
    leaks = [
        f"{path.relative_to(HERE)}: {found[0]}"
        for path in tracked()
        if path.suffix in (".py", ".md", ".toml", ".yaml", ".yml", ".sql", ".xml", "")
        and path.name != Path(__file__).name
        if (found := ours.search(path.read_text(errors="ignore")))
    ]
    assert leaks == []


def test_the_layers_contract_is_exhaustive_and_places_every_room():
    contract = tomllib.loads((HERE / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    assert contract["exhaustive"] is True
    placed = set(re.findall(r"\w+", " ".join(contract["layers"])))
    rooms = {path.stem for path in (HERE / "src/emberlake").iterdir() if not path.stem.startswith("_")}
    assert rooms <= placed


def test_ci_runs_the_two_commands_and_nothing_hidden():
    script = (HERE / ".ci/run").read_text()
    assert re.findall(r"^make .*$", script, re.MULTILINE) == ["make lint", "make test"]
    assert "|| true" not in script and "set -euo pipefail" in script
