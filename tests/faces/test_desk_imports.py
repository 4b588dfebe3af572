# SPDX-License-Identifier: Apache-2.0
"""A table through the desk: sent, looked at, taken in; by forms alone, and with a script that tells how far it is."""

import json
import re
from typing import Any

import httpx
import pytest

from fourleaf.engines.world.facts import Added
from tests.blobs import made as files
from tests.engines.at_work import AtWork
from tests.engines.world.test_registers import LIFT
from tests.standards.spreadsheets.made import saved

AT = "/desk/registers/lift"


@pytest.fixture
async def desk(at_work: AtWork) -> AtWork:
    await at_work.declare("hall", "8.1", thresholds=[8_000, 10_000], zone="food")
    await at_work.declare("register", "lift", **LIFT)
    return at_work


def looked(desk: AtWork, data: bytes) -> tuple[str, str]:
    """Where the preview of a table stands, and its page in English."""
    answer = desk.send_file(f"{AT}/imports", data)
    assert answer.status_code == 303, answer.text
    path = f"{AT}/{answer.headers['location']}"
    return path, desk.get(f"{path}?lang=en").text


def seen(page: str) -> str:
    return str(re.findall(r'name="seen" value="(\w+)"', page)[0])


def counts(page: str) -> list[str]:
    return re.findall(r'class="what-\w+"><dt>[^<]+</dt><dd class="num">([\d,]+)</dd>', page)


async def test_a_table_is_sent_looked_at_and_taken_in_by_forms_alone(desk: AtWork) -> None:
    data = saved([["编号", "Name", "load (kg)"], ["L1", "One", 100], ["L2", "Two", None]])
    path, page = looked(desk, data)
    before = await desk.facts("thing:lift.L1")

    done = desk.send_form(path, seen=seen(page))

    assert (counts(page), before) == (["2", "0", "0", "0"], [])
    assert done.headers["location"] == "../../lift?done=2"
    assert await desk.facts("thing:lift.L1") == [
        Added(register="lift", item="L1", values={"name": "One", "load": "100"}, unique=["serial"])
    ]
    assert counts(looked(desk, data)[1]) == ["0", "0", "2", "0"]
    assert "Imported. Things written: 2." in desk.get(f"{AT}?lang=en&done=2").text


async def test_wrong_cells_are_told_and_the_right_lines_are_taken_alone_only_when_it_is_said_so(desk: AtWork) -> None:
    path, page = looked(desk, "编号,name,load\nL1,一,1\nL2,二,<b>\n".encode("gbk"))

    refused = desk.send_form(f"{path}?lang=en", seen=seen(page))
    still = await desk.facts("thing:lift.L1")
    done = desk.send_form(path, seen=seen(page), rest="yes")

    assert counts(page) == ["1", "0", "0", "1"]
    assert '<th scope="row">C3</th>' in page and "&lt;b&gt;" in page and "Write it like 12.5" in page
    assert "请写成如 12.5" in desk.get(f"{path}?lang=zh").text
    assert (refused.status_code, still) == (422, [])
    assert "Lines that are wrong: 1, so nothing was written" in refused.text
    assert done.status_code == 303
    assert len(await desk.facts("thing:lift.L1")) == 1 and await desk.facts("thing:lift.L2") == []


async def test_what_is_written_is_what_was_seen(desk: AtWork) -> None:
    path, page = looked(desk, b"id,name\nL1,One\n")
    desk.send_form(f"{AT}/new", id="L1", name="Other", nonce="n")

    late = desk.send_form(f"{path}?lang=en", seen=seen(page))

    assert late.status_code == 422
    assert "has changed since this was shown" in late.text
    assert len(await desk.facts("thing:lift.L1")) == 1


def steps(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_a_long_table_tells_how_far_it_is(desk: AtWork) -> None:
    path, page = looked(desk, b"id,name\n" + b"".join(b"L%d,Lift\n" % number for number in range(1_500)))

    looking = steps(desk.get(f"{path}/stream"))
    writing = steps(desk.send_form(f"{path}/stream", seen=seen(page)))

    assert [one.get("lines") for one in looking] == [1_000, 1_500, None]
    assert 'class="what-new"' in looking[-1]["html"]
    assert writing == [
        {"lines": 1_000},
        {"lines": 1_500},
        {"written": 1_000},
        {"written": 1_500},
        {"see": f"/r/{desk.run}{AT}?done=1500"},
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty"),
        (b"\x89PNG\r\n\x1a\n", "Such files are not taken"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "Such files are not taken"),
        (files.workbook(xl__vbaProject_bin=b"x"), "holds macros"),
        (b"<table><tr><td>1</td></tr></table>", "Such files are not taken"),
    ],
)
async def test_a_file_that_is_no_table_is_refused_at_once(desk: AtWork, data: bytes, says: str) -> None:
    answer = desk.send_file(f"{AT}/imports?lang=en", data)

    assert answer.status_code == 422
    assert says in answer.text


async def test_a_file_beyond_every_measure_is_refused_before_it_is_read(desk: AtWork) -> None:
    answer = desk.send_file(f"{AT}/imports", b"id\n" * (11 << 20))

    assert (answer.status_code, answer.json()["code"]) == (413, "request.too-large")


async def test_only_who_may_write_imports_and_only_who_may_see_gets_templates(desk: AtWork) -> None:
    path, _ = looked(desk, b"id,name\nL1,One\n")
    await desk.declare("register", "hydrant", **(LIFT | {"write": ["group:security"]}))
    await desk.declare("register", "camera", **(LIFT | {"see": ["group:security"], "write": ["group:security"]}))

    tried = [
        desk.get("/desk/registers/hydrant/imports"),
        desk.send_file("/desk/registers/hydrant/imports", b"id,name\n"),
        desk.get(path.replace("/lift/", "/hydrant/")),
        desk.get(f"{path}/stream".replace("/lift/", "/hydrant/")),
        desk.send_form(path.replace("/lift/", "/hydrant/"), seen="x", rest="yes"),
        desk.get("/desk/registers/camera/imports"),
        desk.get("/world/registers/camera/template.xlsx"),
        desk.get("/world/registers/camera/export.xlsx"),
    ]

    assert [one.status_code for one in tried] == [403] * 5 + [404] * 3
    assert "/hydrant/imports" not in desk.get("/desk/registers/hydrant").text


async def test_the_template_that_is_downloaded_can_be_sent_back(desk: AtWork) -> None:
    pages = [looked(desk, desk.get(f"/world/registers/lift/template.{kind}").content)[1] for kind in ("xlsx", "csv")]

    assert ["head and no lines" in page for page in pages] == [True, True]


async def test_a_file_that_is_not_there_is_told(desk: AtWork) -> None:
    answer = desk.get(f"{AT}/imports/{'0' * 64}?lang=en")

    assert answer.status_code == 422
    assert "There is no such file" in answer.text


async def test_the_preview_says_what_things_are_called_as_the_table_does(desk: AtWork) -> None:
    await desk.declare("hall", "1.1", thresholds=[8_000, 10_000], zone="food", name={"zh": "1.1馆", "en": "Hall 1.1"})
    desk.send_form(f"{AT}/new", id="L1", name="One", hall="8.1", nonce="n")
    path, page = looked(desk, b"id,name,hall\nL1,One,1.1\nL2,Two,1.1\n")

    told = steps(desk.get(f"{path}/stream?lang=en"))[-1]["html"]

    for part in (page, told):
        assert "→ <ins>Hall 1.1</ins>" in part
        assert '<td data-name="Hall">Hall 1.1</td>' in part
