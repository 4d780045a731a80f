"""Which engine a step gets, and that a process holds one kind of session."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from emberlake.engine import open_engine, resolve_engine
from emberlake.engine import session as session_module
from emberlake.errors import EngineError
from emberlake.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(root=tmp_path, cache=tmp_path / "cache")


@pytest.fixture
def fresh_process(monkeypatch):
    """As if this process had not opened anything yet."""
    monkeypatch.delitem(sys.modules, "pyspark.sql.connect.session", raising=False)
    monkeypatch.setattr(session_module, "_held", None)
    monkeypatch.setattr(session_module, "_open", False)


@pytest.mark.parametrize(
    ("engine", "master", "default", "expected"),
    [
        ("auto", "local[*]", "sail", "sail"),
        ("auto", "local[*]", "spark", "spark"),
        ("sail", "local[*]", "spark", "sail"),
        ("spark", "local[*]", "sail", "spark"),
        ("auto", "spark://h:7077", "sail", "spark"),
        ("auto", "sc://h:15002", "sail", "spark"),
    ],
)
def test_the_settings_decide_then_the_step(settings, engine, master, default, expected):
    assert resolve_engine(settings.model_copy(update={"engine": engine, "master": master}), default) == expected


def test_the_embedded_engine_has_no_cluster(settings):
    with pytest.raises(EngineError, match="cannot use the master 'spark://h:7077'"):
        resolve_engine(settings.model_copy(update={"engine": "sail", "master": "spark://h:7077"}))


def test_an_unknown_engine_names_those_there_are(settings, fresh_process):
    with pytest.raises(EngineError, match="Engines are: sail, spark"), open_engine(settings, "duckdb"):
        pass


def test_an_unknown_master_names_those_there_are(settings, fresh_process):
    wrong = settings.model_copy(update={"master": "mesos://h"})
    with pytest.raises(EngineError, match=r"'mesos://h'.*Accepted are local"), open_engine(wrong, "spark"):
        pass


def test_a_second_session_beside_the_first_is_refused(fresh_process):
    session_module._take("sail")
    with pytest.raises(EngineError, match="already opened a session"):
        session_module._take("sail")


@pytest.mark.parametrize(("first", "second"), [("sail", "spark"), ("spark", "sail"), ("connect", "spark")])
def test_another_kind_is_refused_even_afterwards(fresh_process, first, second):
    session_module._take(first)
    session_module._give_back()
    with pytest.raises(EngineError, match=f"holds a {first} session, and cannot open a {second} one"):
        session_module._take(second)


def test_the_same_kind_may_be_opened_again(fresh_process):
    session_module._take("spark")
    session_module._give_back()
    session_module._take("spark")


@pytest.mark.parametrize(
    ("module", "name", "class_", "held"),
    [
        ("pyspark.sql.connect.session", "SparkSession", SimpleNamespace(getActiveSession=object), "connect"),
        ("pyspark.core.context", "SparkContext", SimpleNamespace(_active_spark_context=object()), "spark"),
    ],
)
def test_a_session_of_somebody_else_is_noticed(fresh_process, monkeypatch, module, name, class_, held):
    monkeypatch.delitem(sys.modules, "pyspark.core.context", raising=False)
    monkeypatch.setitem(sys.modules, module, SimpleNamespace(**{name: class_}))
    wanted = "spark" if held == "connect" else "sail"
    with pytest.raises(EngineError, match=f"holds a {held} session"):
        session_module._take(wanted)


def test_a_variable_inherited_from_a_sail_parent_means_nothing(fresh_process, monkeypatch):
    monkeypatch.setattr(session_module, "_opened_by_others", lambda: None)
    monkeypatch.setenv("SPARK_CONNECT_MODE_ENABLED", "1")
    session_module._take("spark")


def test_nobody_at_a_connect_server_is_told_in_seconds(settings, fresh_process):
    nobody = settings.model_copy(update={"master": "sc://127.0.0.1:9"})
    with pytest.raises(EngineError, match="No Spark Connect server answered"), open_engine(nobody, "spark"):
        pass
