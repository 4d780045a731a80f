"""How learners stand, as `stream learners` tells it, and a promotion undone from the command line."""

from __future__ import annotations

import datetime as dt
import json

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from typer.testing import CliRunner

from emberlake.cli.app import app
from emberlake.lake import Lake
from emberlake.settings import Settings, read_settings
from emberlake.streams.online import diary
from emberlake.streams.online.learner import Happening
from emberlake.streams.online.queries import learn_clicks, learn_value, live_segments
from emberlake.streams.online.standing import MEASURES, TABLE, lines, marks

AT = dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)


def row(batch, model, role, measure, events, so_far, rolling, query="q"):
    return ("learn_value", query, batch, model, role, measure, events, AT, so_far, rolling, so_far)


ROWS = [
    row(7, "champion", "served", "mae", 1000, 9.0, 8.0), row(7, "line", "champion", "mae", 1000, 9.0, 8.0),
    row(7, "tree", "challenger", "mae", 1000, 7.0, 6.0),
    # A new checkpoint: its micro-batches begin at 0 again.
    row(0, "champion", "served", "mae", 2500, 8.5, 5.0, "p"), row(0, "line", "challenger", "mae", 2500, 9.5, 9.0, "p"),
    row(0, "tree", "champion", "mae", 2500, 7.5, 5.0, "p"), row(0, "tree", "champion", "r2", 2500, 0.5, None, "p"),
]  # fmt: skip


@pytest.fixture
def settings(tmp_path) -> Settings:
    settings = read_settings(root=tmp_path / "root")
    with Lake(None, settings) as lake:
        lake.create(TABLE)
        schema = pa.schema(DeltaTable(lake.path(TABLE)).schema().to_arrow())
        columns = [pa.array(values, schema.types[n]) for n, values in enumerate(zip(*ROWS, strict=True))]
        write_deltalake(lake.path(TABLE), pa.table(columns, schema=schema), mode="append")
    diary.write(settings, "learn_value", "q", 7, [Happening(1000, "promoted", "line", "tree", "MAE 7.00 EUR")])
    diary.write_gap(settings, "learn_value", 1000, "7 messages were deleted before they were learned")
    return settings


def learners(settings: Settings, *words: str, **more):
    return CliRunner().invoke(app, ["stream", "learners", *words, "--root", str(settings.root)], **more)


def test_every_learner_has_a_measure_that_it_is_judged_by():
    assert {stream.name for stream in (learn_value, learn_clicks, live_segments)} == set(MEASURES)


def test_all_learners_are_told_by_their_newest_events(settings):
    found = json.loads(learners(settings, "--json").stdout)
    assert [one["name"] for one in found] == list(MEASURES)
    assert found[0] == {
        "name": "learn_value", "champion": "tree", "events": 2500, "newest": "2026-03-01T10:00:00+00:00",
        "measure": "mae", "unit": "EUR", "so_far": 8.5, "rolling": 5.0, "promotions": 1, "undone": 0, "drifts": 0,
        "gaps": 1,
    }  # fmt: skip
    assert (found[1]["events"], found[1]["champion"], found[1]["newest"]) == (0, None, None)
    assert "8.5 EUR" in learners(settings).stdout


def test_one_is_told_with_its_diary(settings):
    said = " ".join(learners(settings, "learn_value").stdout.split())
    assert "2,500 events learned" in said
    assert "1,000 promoted line tree MAE 7.00 EUR" in said
    assert "1,000 gap – – 7 messages were deleted before they were learned" in said
    assert not (settings.streams / "learn_clicks").exists()


def test_a_promotion_is_undone_only_when_that_is_confirmed(settings):
    asked = learners(settings, "learn_value", "--undo", "--why", "a sale")
    assert asked.exit_code != 0
    assert diary.last_request(settings, "learn_value") == 0
    done = learners(settings, "learn_value", "--undo", "--why", "a sale", "--yes", "--json")
    assert json.loads(done.stdout)["champion"] == "line"
    *_, last = diary.entries(settings, "learn_value")
    assert (last.what, last.why) == (diary.ASKED, "a sale")
    again = learners(settings, "learn_value", "--undo", "--yes")
    assert again.exit_code != 0


def test_a_picture_has_a_line_a_model_and_the_marks(settings, tmp_path):
    assert lines(settings, "learn_value") == {
        "champion": ([1000, 2500], [8.0, 5.0]), "line": ([1000, 2500], [8.0, 9.0]), "tree": ([1000, 2500], [6.0, 5.0]),
    }  # fmt: skip
    assert marks(diary.entries(settings, "learn_value")) == [(1000, "promoted"), (1000, "gap")]
    assert learners(settings, "learn_value", "--png", str(tmp_path / "x.png")).exit_code == 0
    assert (tmp_path / "x.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("words", [["--undo"], ["nobody"], ["learn_clicks", "--undo", "--yes"]])
def test_what_cannot_be_is_refused(settings, words):
    assert learners(settings, *words).exit_code != 0


def test_before_anything_was_learned_there_is_no_picture(settings, tmp_path):
    assert learners(settings, "learn_clicks", "--png", str(tmp_path / "x.png")).exit_code != 0
