"""A graph for GraphFrames, where it is installed; it cannot be installed here, so a module stands in for it."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, cast

import pytest

from emberlake.errors import GraphError
from emberlake.graphs import Graph, to_graphframe


class Frames:
    """Vertices or edges that only have to be handed on."""


def graph() -> Graph:
    return Graph(cast(Any, Frames()), cast(Any, Frames()), directed=True)


def test_without_graphframes_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphframes", None)
    with pytest.raises(GraphError, match="GraphFrames is not installed") as caught:
        to_graphframe(graph())
    assert "graphframes-py" in caught.value.hint


def test_graphframes_gets_vertices_and_edges_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("graphframes")
    module.GraphFrame = lambda vertices, edges: (vertices, edges)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "graphframes", module)
    given = graph()
    assert to_graphframe(given) == (given.vertices, given.edges)
