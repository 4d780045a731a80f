"""The page of communities: laid out apart, safe in what it embeds, and usable in a real browser without a network."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from emberlake.graphs.page import Scene, page
from emberlake.graphs.page.layout import layout
from emberlake.graphs.page.scene import laid_out

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NASTY = "</script><img src=x onerror=alert(1)>\u2028"


def planted(users: int, communities: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Communities, and links of which four of five stay inside."""
    random = np.random.default_rng(seed)
    community = np.arange(users) % communities
    src = random.integers(0, users, 4 * users)
    near = community[src] + communities * random.integers(0, users // communities, len(src))
    dst = np.where(random.random(len(src)) < 0.8, near, random.integers(0, users, len(src)))
    kept = src != dst
    return community, src[kept], dst[kept]


@pytest.fixture(scope="module")
def large() -> Scene:
    """As large as a page may be."""
    community, src, dst = planted(5_000, 12)
    people = pa.table({"id": np.arange(5_000), "community": community + 100})
    return laid_out(people, pa.table({"src": src, "dst": dst}), (5_000, len(src)))


@pytest.fixture(scope="module")
def small() -> Scene:
    """Seven users: 1 to 3 and 4 to 6 in two communities, linked by 3 → 4, 4 → 1; 7 in a third, alone."""
    people = pa.table(
        {"id": [1, 2, 3, 4, 5, 6, 7], "community": [10, 10, 10, 20, 20, 20, 30],
         "pagerank": [0.123456, 0.2, 0.3, float("nan"), None, 0.00001234, 1.0], "name": [NASTY, *"bcdefg"]}
    )  # fmt: skip
    links = [(1, 2), (2, 3), (3, 1), (3, 4), (4, 1), (4, 5), (6, 5)]
    return laid_out(people, pa.table({"src": [a for a, _ in links], "dst": [b for _, b in links]}), (9, 12), 10)


def test_communities_lie_apart_and_dots_beside_each_other(large: Scene) -> None:
    at = np.stack([large.x, large.y], axis=1)
    names = np.unique(large.community)
    centres = np.stack([at[large.community == name].mean(axis=0) for name in names])
    nearest = np.linalg.norm(at[:, None] - centres[None], axis=2).argmin(axis=1)
    assert (names[nearest] == large.community).mean() > 0.97
    tree = pytest.importorskip("scipy.spatial").cKDTree(at)
    gaps = tree.query(at, k=2)[0][:, 1]
    assert np.median(gaps) > 0.8 and (gaps < 0.05).mean() < 0.01


def test_the_layout_is_the_same_each_time_and_draws_links_together() -> None:
    community, src, dst = planted(400, 2)
    first, again = layout(community, src, dst), layout(community, src, dst)
    assert np.array_equal(first, again) and np.isfinite(first).all()
    at = np.stack(first, axis=1)
    inside = community[src] == community[dst]
    linked = np.linalg.norm(at[src[inside]] - at[dst[inside]], axis=1).mean()
    mixed = np.random.default_rng(2).permutation(np.flatnonzero(community == 0))
    assert linked < 0.9 * np.linalg.norm(at[mixed[:-1]] - at[mixed[1:]], axis=1).mean()


@pytest.mark.parametrize("users", [0, 1, 2, 500])
def test_any_number_of_users_and_communities_is_laid_out(users: int) -> None:
    none = np.zeros(0, dtype=int)
    for community in (np.zeros(users, dtype=int), np.arange(users)):
        x, y = layout(community, none, none)
        assert len(x) == users and np.isfinite([x, y]).all()
        assert len(np.unique(np.round([x, y], 3), axis=1).T) == users


def test_bridges_are_counted_by_hand(small: Scene) -> None:
    assert small.outside.tolist() == [1, 0, 1, 2, 0, 0, 0]
    assert small.touched.tolist() == [1, 0, 1, 1, 0, 0, 0]


def embedded(text: str) -> dict[str, Any]:
    [data] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    return json.loads(data)


def test_the_data_in_the_page_are_the_scenes(small: Scene) -> None:
    text = page(small, title="Users & friends")
    data = embedded(text)
    assert [one["id"] for one in data["communities"]] == [10, 20, 30]
    assert data["communities"][0] == {"id": 10, "users": 3, "within": 3, "across": 2}
    assert data["links"][:4] == [0, 1, 1, 2] and data["focus"] == 0
    assert data["figures"]["pagerank"] == [0.1235, 0.2, 0.3, None, None, 1.234e-05, 1.0]
    assert "<title>Users &amp; friends</title>" in text
    assert "7 of 9 users, 7 of 12 links. Community 10: 3 members" in text


def test_a_name_cannot_end_the_script(small: Scene) -> None:
    text = page(small)
    assert "<img" not in text and "\u2028" not in text
    assert embedded(text)["figures"]["name"][0] == NASTY


def test_the_page_asks_for_nothing_from_elsewhere(small: Scene) -> None:
    text = page(small)
    assert re.findall(r'(?:src|href)="', text) == []
    assert set(re.findall(r"https?://[^\s\"'`)]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if BROWSER is None:
        pytest.skip("no Chromium is installed on this machine")
    sync = pytest.importorskip("playwright.sync_api")
    with sync.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield opened
        opened.close()


class Opened:
    """A page in a browser that has no network."""

    def __init__(self, browser: Any, text: str, folder: Path, hash_: str = "", **given: Any) -> None:
        file = folder / "page.html"
        file.write_text(text, encoding="utf-8")
        self.faults: list[str] = []
        self.asked: list[str] = []
        self.context = browser.new_context(offline=True, **given)
        self.tab = self.context.new_page()
        self.tab.on("pageerror", lambda e: self.faults.append(str(e)))
        # Asking for pixels, as `inked` does, is no fault of the page's.
        self.tab.on("console", lambda said: "getImageData" in said.text or self.faults.append(said.text))
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.goto(f"{file.as_uri()}{hash_}")
        self.tab.wait_for_function("document.querySelectorAll('#bridges li, #communities button').length > 0")

    def chosen(self) -> str:
        return self.tab.inner_text("#chosen")

    def inked(self) -> int:
        """Pixels that are not empty, once the next picture is drawn."""
        return self.tab.evaluate(
            "() => new Promise(done => setTimeout(() => requestAnimationFrame(() => {"
            " const c = document.getElementById('canvas');"
            " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            " let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i]) n++; done(n); }), 200))"
        )


def test_a_user_is_found_told_and_walked_from_by_keys_alone(browser: Any, small: Scene, tmp_path: Path) -> None:
    opened = Opened(browser, page(small), tmp_path)
    keys = opened.tab.keyboard
    assert "Community 10" in opened.chosen() and opened.inked() > 100
    keys.press("/")
    keys.type("4")
    keys.press("Enter")
    assert "User 4" in opened.chosen()
    told = " ".join(opened.chosen().split())
    assert "community 20 follows 2 followed by 1 links to other communities 2 in 1 pagerank –" in told
    opened.tab.focus("#canvas")
    keys.press("n")
    assert "User 1" in opened.tab.inner_text("#tip")
    keys.press("n")
    keys.press("Enter")
    assert "User 5" in opened.chosen()
    keys.press("Escape")
    assert "Community 10" in opened.chosen()
    keys.press("]")
    assert "Community 20" in opened.chosen()
    assert opened.tab.inner_text("#bridges").startswith("User 4 2 links to 1 others")
    keys.press("Escape")
    assert opened.chosen() == ""
    keys.press("/")
    keys.press("Control+a")
    keys.type("99")
    keys.press("Enter")
    assert opened.tab.inner_text("#missing") == "User 99 is not on this page."
    assert opened.faults == [] and len(opened.asked) == 1


def test_hovering_tells_a_users_figures_and_text_stays_text(browser: Any, small: Scene, tmp_path: Path) -> None:
    opened = Opened(browser, page(small), tmp_path, "#user=1", viewport={"width": 1200, "height": 800})
    box = opened.tab.locator("#canvas").bounding_box()
    opened.tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tip = opened.tab.inner_text("#tip")
    assert tip.startswith("User 1") and "pagerank: 0.1235" in tip and "</script>" in tip
    assert opened.tab.locator("img").count() == 0
    assert opened.faults == []


def test_five_thousand_users_are_drawn_and_communities_chosen(browser: Any, large: Scene, tmp_path: Path) -> None:
    opened = Opened(browser, page(large), tmp_path, viewport={"width": 1400, "height": 900})
    everything = opened.inked()
    assert everything > 50_000
    opened.tab.click("#in")
    opened.tab.click("#fit")
    opened.tab.locator("#communities button").nth(11).click()
    assert opened.tab.locator("#communities button[aria-pressed=true]").count() == 1
    assert "Community 111" in opened.chosen() and opened.inked() != everything
    assert opened.faults == []


def test_on_a_phone_a_tap_chooses_and_nothing_is_too_wide(browser: Any, small: Scene, tmp_path: Path) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
    opened = Opened(browser, page(small), tmp_path, "#user=4", **phone)
    opened.tab.keyboard.press("Escape")
    box = opened.tab.locator("#canvas").bounding_box()
    opened.tab.touchscreen.tap(box["x"] + box["width"] / 2 + 9, box["y"] + box["height"] / 2)
    assert "User 4" in opened.chosen()
    assert opened.tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert opened.faults == []
