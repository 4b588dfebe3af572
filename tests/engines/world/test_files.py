# SPDX-License-Identifier: Apache-2.0
"""Files of registers: sent on the form or over HTTP, looked into, seen by who sees the register, and never run."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fourleaf.app.safekeeping import Safe
from fourleaf.app.settings import Settings
from fourleaf.engines.world.facts import Added, Changed
from tests.blobs import made
from tests.engines.at_work import AtWork

FIELDS: list[dict[str, Any]] = [
    {"key": "name", "name": {"zh": "名称", "en": "Name"}, "type": "text", "label": True, "required": True},
    {"key": "photo", "name": {"zh": "照片", "en": "Photo"}, "type": "photo"},
    {"key": "paper", "name": {"zh": "文件", "en": "Paper"}, "type": "file"},
]
HAZARD = {"name": {"zh": "隐患", "en": "Hazards"}, "field": FIELDS}
DESK, API = "/desk/registers/hazard", "/world/registers/hazard"


@pytest.fixture
async def house(at_work: AtWork) -> AtWork:
    await at_work.declare("register", "hazard", **HAZARD)
    return at_work


def sent(house: AtWork, field: str, data: bytes, name: str = "x") -> Any:
    return house.send_files(f"{API}/files?field={field}", {"file": (name, data)})


def thing(house: AtWork, id_: str = "h1") -> dict[str, str]:
    values: dict[str, str] = house.get(f"{API}/things/{id_}").json()["values"]
    return values


async def test_a_photo_of_a_form_is_kept_clean_and_shown_as_a_stamp(house: AtWork) -> None:
    large = made.saved(made.picture((1600, 1200)), "JPEG")

    done = house.send_files(f"{DESK}/new", {"photo.file": ("camera.jpg", large)}, id="h1", name="Stairs", nonce="n")

    value = thing(house)["photo"]
    small = house.get(f"/files/{value[5:]}/thumbnail")
    (fact,) = await house.facts("thing:hazard.h1")
    assert done.status_code == 303
    assert fact == Added(register="hazard", item="h1", values={"name": "Stairs", "photo": value}, unique=[])
    assert f"/files/{value[5:]}/thumbnail" in house.get(f"{DESK}/things/h1").text
    assert f"/files/{value[5:]}/thumbnail" in house.get(DESK).text
    assert Image.open(BytesIO(small.content)).size == (320, 240)
    assert small.headers["content-type"] == "image/jpeg"
    assert small.headers["x-content-type-options"] == "nosniff"
    assert small.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert small.headers["content-disposition"].startswith("inline")


async def test_the_file_itself_is_a_download_and_a_paper_has_no_stamp(house: AtWork) -> None:
    value = sent(house, "paper", made.PDF).json()["value"]

    given, small = (house.get(f"/files/{value[5:]}{end}") for end in ("", "/thumbnail"))

    assert given.headers["content-disposition"].startswith("attachment") and given.content == made.PDF
    assert (small.status_code, small.json()["code"]) == (404, "blobs.unknown")


async def test_a_photo_is_replaced_and_taken_away(house: AtWork) -> None:
    first = made.saved(made.picture(), "PNG")
    other = made.saved(made.picture((40, 60)), "PNG")
    house.send_files(f"{DESK}/new", {"photo.file": ("a", first)}, id="h1", name="Stairs", nonce="n")
    kept = thing(house)["photo"]

    house.send_files(f"{DESK}/things/h1", {"photo.file": ("", b"")}, name="Steps", photo=kept, version="1")
    after_words = thing(house)
    house.send_files(f"{DESK}/things/h1", {"photo.file": ("b", other)}, name="Steps", photo=kept, version="2")
    after_other = thing(house)
    house.send_form(f"{DESK}/things/h1", name="Steps", photo=after_other["photo"], version="3", **{"photo.none": "yes"})

    assert after_words == {"name": "Steps", "photo": kept}
    assert after_other["photo"] not in ("", kept)
    assert thing(house) == {"name": "Steps"}
    assert [one.KIND for one in (await house.facts("thing:hazard.h1"))[1:]] == [Changed.KIND] * 3


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "blobs.empty"),
        (made.SVG, "world.not-a-photo"),
        (made.HTML, "world.not-a-photo"),
        (made.PDF, "world.not-a-photo"),
        (made.saved(made.picture(), "GIF"), "world.not-a-photo"),
        (made.saved(made.picture(), "JPEG") + made.archive({"x": "y"}), "blobs.two-in-one"),
        (made.saved(made.picture(), "PNG") + made.HTML, "blobs.two-in-one"),
        (made.saved(made.picture(), "JPEG")[:200], "blobs.damaged"),
    ],
)
async def test_what_is_no_photo_is_refused_whatever_it_is_called(house: AtWork, data: bytes, code: str) -> None:
    answer = sent(house, "photo", data, name="../../etc/passwd.jpg")

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_refused_file_is_told_at_its_field_and_the_form_keeps_what_was_typed(house: AtWork) -> None:
    answer = house.send_files(
        f"{DESK}/new?lang=en", {"photo.file": ("x.jpg", made.HTML)}, id="h1", name="Stairs", nonce="n"
    )

    assert answer.status_code == 422
    assert "Only photos are taken here" in answer.text and 'value="Stairs"' in answer.text
    assert await house.facts("thing:hazard.h1") == []


@pytest.mark.parametrize("name", ["../../../etc/passwd", "..\\..\\boot.ini", "a\x00b", "%2e%2e%2f", "x" * 500])
async def test_the_name_of_a_file_is_never_used(house: AtWork, tmp_path: Path, name: str) -> None:
    value = sent(house, "paper", made.PDF, name=name).json()["value"]

    files = [one for one in tmp_path.rglob("*") if one.is_file() and one.stat().st_size == len(made.PDF)]
    headers = house.get(f"/files/{value[5:]}").headers["content-disposition"]
    assert [one.name.endswith(value[5:]) for one in files] == [True]
    assert headers == f'attachment; filename="{value[5:21]}.pdf"'


@pytest.mark.parametrize(
    "value", ["blob:" + "0" * 64, "blob:../../etc/passwd", "blob:" + "0" * 32, "x", "https://evil.example/x.jpg"]
)
async def test_a_field_names_only_files_that_are_there(house: AtWork, value: str) -> None:
    answer = house.post(f"{API}/things", request_id="r", id="h1", values={"name": "x", "photo": value})

    assert answer.status_code == 422
    assert answer.json()["given"]["errors"][0]["code"] in ("cell.no-such-file", "cell.not-file")


async def test_a_photo_cannot_be_a_paper(house: AtWork) -> None:
    paper = sent(house, "paper", made.PDF).json()["value"]

    answer = house.post(f"{API}/things", request_id="r", id="h1", values={"name": "x", "photo": paper})

    assert answer.json()["given"]["errors"][0]["code"] == "cell.no-such-file"


async def test_files_are_for_those_who_see_the_register_and_sent_by_who_may_write(house: AtWork) -> None:
    see = {"see": ["group:security"], "write": ["group:security"]}
    await house.declare("register", "camera", **(HAZARD | see))
    await house.declare("register", "sign", **(HAZARD | {"write": ["group:security"]}))
    data = made.saved(made.picture(), "PNG")

    tried = [
        house.send_files(f"/world/registers/{name}/files?field=photo", {"file": ("x", data)})
        for name in ("camera", "sign")
    ]
    elsewhere = house.send_files("/desk/registers/sign/new", {"photo.file": ("x", data)}, id="s1", name="x")

    assert [one.status_code for one in tried] == [404, 403]
    assert elsewhere.status_code == 403
    assert sent(house, "name", data).json()["code"] == "world.no-file-field"


async def test_a_file_of_another_group_and_of_another_run_is_not_there(house: AtWork, tmp_path: Path, dsn: str) -> None:
    async def one() -> Any:
        yield made.saved(made.picture(), "PNG")

    safe = Safe(Settings(database_url=dsn, data=tmp_path))
    async with house.site.connection() as connection:
        kept = await safe.blobs(house.site).keep(connection, one(), labels=["group:security"])
    name = getattr(kept, "blob", "")

    found = [house.get(f"/files/{name}{end}").status_code for end in ("", "/thumbnail")]

    assert len(name) == 64 and found == [404, 404]


async def test_a_file_that_no_fact_names_is_found_as_unused_and_one_that_is_named_stays(
    house: AtWork, tmp_path: Path, dsn: str
) -> None:
    named = sent(house, "photo", made.saved(made.picture(), "PNG")).json()["value"]
    unnamed = sent(house, "paper", made.PDF).json()["value"]
    house.post(f"{API}/things", request_id="r", id="h1", values={"name": "x", "photo": named})

    async with house.site.connection() as connection:
        blobs = Safe(Settings(database_url=dsn, data=tmp_path)).blobs(house.site)
        garbage = await blobs.garbage(connection, grace=timedelta())
        cleared = await blobs.clear(connection, garbage, grace=timedelta())

    assert ([name for name, _ in garbage.unnamed], cleared) == ([unnamed[5:]], 1)
    assert [house.get(f"/files/{one[5:]}").status_code for one in (named, unnamed)] == [200, 404]


async def test_a_file_beyond_every_measure_is_refused(house: AtWork) -> None:
    answer = sent(house, "paper", b"a,b\n" * (8 << 20))

    assert (answer.status_code, answer.json()["code"]) == (413, "request.too-large")
