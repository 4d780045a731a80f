"""A scene as one HTML file that needs nothing else, not even a network."""

from __future__ import annotations

import json
import math
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

from emberlake.graphs.page.scene import MOST_LINKS

if TYPE_CHECKING:
    from emberlake.graphs.page.scene import Scene


def page(scene: Scene, title: str = "Communities and their bridges", about: str = "") -> str:
    """The page's text, with style, script and data inside.

    Args:
        about: a sentence more, such as the day of the data.
    """
    inside = files("emberlake.graphs.page")
    return Template((inside / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(title),
        about=escape(f"{_about(scene)} {about}".strip()),
        style=(inside / "page.css").read_text(encoding="utf-8"),
        script="".join((inside / name).read_text(encoding="utf-8") for name in ("picture.js", "hands.js")),
        data=_embedded(_data(scene)),
    )


def _about(scene: Scene) -> str:
    shown, links = len(scene.id), len(scene.src)
    said = f"{shown:,} of {scene.users:,} users" if shown < scene.users else f"{shown:,} users"
    said += f", {links:,} of {scene.links:,} links." if links < scene.links else f", {links:,} links."
    if shown < scene.users and scene.focus is None:
        said += " Those with most links are shown."
    if scene.focus is not None:
        members = int((scene.community == scene.focus).sum())
        said += f" Community {scene.focus}: {members:,} members, and those outside who have most links with them."
    if links >= MOST_LINKS:
        said += f" No more than {MOST_LINKS:,} links are drawn."
    return said


def _data(scene: Scene) -> dict[str, Any]:
    names, member, size = np.unique(scene.community, return_inverse=True, return_counts=True)
    inside = member[scene.src] == member[scene.dst]
    within = np.bincount(member[scene.src[inside]], minlength=len(names))
    across = np.bincount(member[np.concatenate([scene.src[~inside], scene.dst[~inside]])], minlength=len(names))
    # The largest first: their colours differ most.
    order = np.lexsort((names, -size))
    place = np.empty(len(names), dtype=int)
    place[order] = np.arange(len(names))
    return {
        "id": scene.id.tolist(),
        "community": place[member].tolist(),
        "x": np.round(scene.x, 1).tolist(),
        "y": np.round(scene.y, 1).tolist(),
        "links": np.stack([scene.src, scene.dst], axis=1).ravel().tolist(),
        "outside": scene.outside.tolist(),
        "touched": scene.touched.tolist(),
        "figures": {name: [_shown(value) for value in values] for name, values in scene.figures.items()},
        "communities": [
            {"id": int(names[at]), "users": int(size[at]), "within": int(within[at]), "across": int(across[at])}
            for at in order
        ],
        "focus": int(place[names == scene.focus][0]) if scene.focus in names else None,
    }


def _shown(value: Any) -> Any:
    """A value as JSON and a reader can take it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(f"{value:.4g}") if math.isfinite(value) else None
    return str(value)


def _embedded(data: dict[str, Any]) -> str:
    """JSON that cannot end the script it stands in, whatever a name holds."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
