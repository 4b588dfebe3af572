# SPDX-License-Identifier: Apache-2.0
"""The page of the wall as the server sends it: useful without scripts, strict, and complete for its scripts."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, get_args

import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient

from fourleaf.app.directory import Why
from fourleaf.faces.wall.web import HANDLERS, ROOM
from fourleaf.ui import MESSAGES, STATIC, words
from fourleaf.ui.format import LANGS, Lang
from fourleaf.ui.pages import provide_page

SCRIPTS = [*(STATIC / "wall").glob("*.js"), *(STATIC / "kit").glob("*.js")]
INFO: dict[str, Any] = {
    "edition": {"zh": "第七届</script><b>", "en": "7th"},
    "short": {"zh": "七", "en": "7th"},
    "day": None,
    "sample": 0.1,
    "seed": 7,
    "speed": 60,
    "zone": "Asia/Shanghai",
    "days": [],
}


async def run_info(run: str) -> Mapping[str, Any]:
    return INFO | {"run": run, "kind": "rehearsal" if ".r" in run else "live"}


@pytest.fixture
def client() -> Iterator[TestClient[Litestar]]:
    app = Litestar(list(HANDLERS), dependencies={"page": Provide(provide_page), "run_info": Provide(run_info)})
    with TestClient(app) as opened:
        yield opened


@pytest.mark.parametrize("lang", LANGS)
def test_a_rehearsal_says_so_in_both_languages_before_any_script_runs(client: TestClient[Litestar], lang: Lang) -> None:
    html = client.get(f"/r/x.r3/wall?lang={lang}").text

    strip = re.search(r'<aside class="rehearsal".*?</aside>', html, re.S)
    assert strip and "演练" in strip[0] and "REHEARSAL" in strip[0] and "10%" in strip[0]


def test_a_live_run_has_no_rehearsal_strip(client: TestClient[Litestar]) -> None:
    assert 'class="rehearsal"' not in client.get("/r/x/wall").text


def test_without_scripts_the_page_links_to_the_same_data(client: TestClient[Litestar]) -> None:
    html = client.get("/r/x.r3/wall").text

    assert re.search(r'<noscript>.*href="/r/x.r3/picture.json".*</noscript>', html, re.S)


def test_no_markup_needs_an_inline_style_or_script(client: TestClient[Litestar]) -> None:
    html = client.get("/r/x.r3/wall").text

    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", html)
    assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_a_name_cannot_break_out_of_the_data_of_the_page(client: TestClient[Litestar]) -> None:
    html = client.get("/r/x.r3/wall?lang=zh").text

    assert "第七届</script>" not in html


def test_choosing_a_language_is_remembered(client: TestClient[Litestar]) -> None:
    assert 'lang="en"' in client.get("/r/x/wall?lang=en").text
    assert '<html lang="en"' in client.get("/r/x/wall").text


def test_every_id_a_script_looks_for_stands_in_the_page(client: TestClient[Litestar]) -> None:
    there = set(re.findall(r'\sid="([\w-]+)"', client.get("/r/x.r3/wall").text))

    wanted = {name for path in SCRIPTS for name in re.findall(r'byId\("([\w-]+)"\)', path.read_text("utf-8"))}

    assert wanted - there - {"strip-speed"} == set()


@pytest.mark.parametrize("lang", LANGS)
def test_every_sentence_a_script_says_is_written(lang: Lang) -> None:
    said = words.read(lang, MESSAGES, ROOM / "messages").sentences

    keys = {key for path in SCRIPTS for key in re.findall(r'(?<![\w.])t\("([\w.-]+)"', path.read_text("utf-8"))}

    assert keys - said.keys() == set()


@pytest.mark.parametrize("lang", LANGS)
def test_every_state_of_a_run_and_every_reason_not_to_know_has_a_word(lang: Lang) -> None:
    said = words.read(lang, MESSAGES, ROOM / "messages").sentences
    migration = files("fourleaf.postgres").joinpath("migrations/0001_log.sql").read_text("utf-8")
    states = re.findall(r"'(\w+)'", re.search(r"state in \(([^)]*)\)", migration)[1])  # type: ignore[index]
    reasons = [reason for part in get_args(Why) for reason in get_args(part)]

    assert len(states) == 5 and len(reasons) >= 4
    assert {f"runs.{state}" for state in states} <= said.keys()
    assert {f"wall.state.{state}" for state in (*states, "dropped") if state != "running"} <= said.keys()
    assert {
        f"wall.{part}.{reason}" for reason in (*reasons, "stream", "dropped") for part in ("why", "todo")
    } <= said.keys()


def test_no_sentence_of_the_wall_is_left_over() -> None:
    text = "\n".join(path.read_text("utf-8") for path in [*SCRIPTS, *(ROOM / "templates").glob("*.html")])
    table = tomllib.loads((ROOM / "messages" / "zh.toml").read_text("utf-8"))["wall"]
    keys = {f"wall.{a}.{b}" for a, part in table.items() if isinstance(part, dict) for b in part}
    keys |= {f"wall.{a}" for a, part in table.items() if isinstance(part, str)}
    made = {"wall.why", "wall.todo", "wall.state", "wall.keys", "wall.list", "wall.live", "wall.hold"}

    unused = {key for key in keys if key not in text and key.rpartition(".")[0] not in made}

    assert unused == set()
