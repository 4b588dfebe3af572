# SPDX-License-Identifier: Apache-2.0
"""The pages of the desk as the server sends them: everything works without a script, in both languages."""

import re
from typing import Any

import pytest

from fourleaf.engines.world.facts import Added, Changed, Removed, Restored
from fourleaf.engines.world.state import THINGS
from tests.engines.at_work import AtWork
from tests.engines.world.test_registers import LIFT

AT = "/desk/registers/lift"


@pytest.fixture
async def desk(at_work: AtWork) -> AtWork:
    await at_work.declare("hall", "8.1", thresholds=[8_000, 10_000], zone="food")
    await at_work.declare("group", "utilities", name={"zh": "能源组", "en": "Utilities"})
    await at_work.declare("register", "lift", **LIFT)
    return at_work


def filled(number: int, **more: Any) -> dict[str, str]:
    return {"nonce": f"n{number}", "id": f"L{number:02}", "name": f"Lift {number}", "load": str(number * 100), **more}


async def test_a_thing_is_added_changed_undone_removed_and_restored_by_forms_alone(desk: AtWork) -> None:
    told = [
        desk.send_form(f"{AT}/new", **filled(1, hall="8.1", works="true")),
        desk.send_form(f"{AT}/things/L01", **filled(1, load="950", hall="8.1", works="true", version="1")),
        desk.send_form(f"{AT}/things/L01/undo", nonce="u", version="2"),
        desk.send_form(f"{AT}/things/L01/remove", nonce="r", version="3"),
        desk.send_form(f"{AT}/things/L01/restore", nonce="s", version="4"),
    ]

    assert [one.status_code for one in told] == [303] * 5
    facts = await desk.facts("thing:lift.L01")
    assert [type(fact) for fact in facts] == [Added, Changed, Changed, Removed, Restored]
    assert facts[1] == Changed(register="lift", item="L01", changed={"load": "950"}, unique=["serial"])
    page = desk.get(f"{AT}/things/L01?lang=en&done=restore").text
    assert "Restored." in page
    assert "<del>950</del>" in page


async def test_a_form_sent_twice_is_one_request(desk: AtWork) -> None:
    first = desk.send_form(f"{AT}/new", **filled(1))

    again = desk.send_form(f"{AT}/new", **filled(1))

    assert (first.status_code, again.status_code) == (303, 303)
    assert len(await desk.facts("thing:lift.L01")) == 1


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("assumed", "Source: assumed"),
        ("source:001", "Source: published article 001"),
        ("carried-over:002", "carried over from an earlier edition, published article 002"),
        ("our own count", "· our own count"),
    ],
)
@pytest.mark.parametrize("page", ["", "/print"])
async def test_a_register_says_where_it_comes_from(desk: AtWork, source: str, says: str, page: str) -> None:
    await desk.declare("register", "crane", **LIFT, source=source)

    told = desk.get(f"/desk/registers/crane{page}?lang=en").text

    assert says in " ".join(told.split())


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "Load</a>|不能为空|请填写"), ("en", "must not be empty|Fill it in")]
)
async def test_a_form_that_needs_mending_comes_back_as_it_was_filled_in(desk: AtWork, lang: str, words: str) -> None:
    answer = desk.send_form(f"{AT}/new?lang={lang}", **filled(1, name="", load="a ton", tags="<b>"))

    assert answer.status_code == 422
    assert re.search(words, answer.text)
    assert 'href="#f-load"' in answer.text
    assert 'value="a ton"' in answer.text
    assert "&lt;b&gt;" in answer.text
    assert await desk.facts("thing:lift.L01") == []


async def test_somebody_else_s_change_is_not_written_over(desk: AtWork) -> None:
    desk.send_form(f"{AT}/new", **filled(1))
    desk.send_form(f"{AT}/things/L01", **filled(1, load="950", version="1"))

    late = desk.send_form(f"{AT}/things/L01?lang=en", **filled(1, load="700", version="1"))

    assert late.status_code == 422
    assert "was changed by somebody else" in late.text


async def test_a_table_is_filtered_sorted_turned_and_shows_the_columns_asked_for(desk: AtWork) -> None:
    for number in range(1, 8):
        desk.send_form(f"{AT}/new", **filled(number))

    def ids(query: str) -> list[str]:
        return re.findall(r'things/(L\d\d)">', desk.get(f"{AT}?{query}").text)

    page = desk.get(f"{AT}?size=2&page=2&sort=-load&lang=en&columns=load").text
    assert ids("sort=-load&load.min=300&size=3") == ["L07", "L06", "L05"]
    assert ids("q=lift+3") == ["L03"]
    assert re.findall(r'<td data-name="([^"]+)"', page) == ["Load (kg)", "Load (kg)"]
    assert re.search(r'aria-sort="descending"><a href="\?[^"]*sort=load[&"]', page)
    assert "3–4 of 7" in page
    assert "Nothing meets these filters." in desk.get(f"{AT}?q=nothing&lang=en").text


async def test_a_table_shows_names_in_the_language_of_the_page_and_the_other_where_one_is_missing(
    at_work: AtWork,
) -> None:
    both = [
        {"key": f"name_{lang}", "name": {"zh": "名称", "en": "Name"}, "type": "text", "label": True, "lang": lang}
        for lang in ("zh", "en")
    ]
    both[1] |= {"listed": False}
    await at_work.declare("register", "box", name={"zh": "配电箱", "en": "Boxes"}, field=both)
    at_work.send_form("/desk/registers/box/new", nonce="1", id="B1", name_zh="配电箱1", name_en="Box 1")
    at_work.send_form("/desk/registers/box/new", nonce="2", id="B2", name_zh="配电箱2")

    def names(query: str) -> list[str]:
        return re.findall(r'<td data-name="Name">(.+?)</td>', at_work.get(f"/desk/registers/box?{query}").text)

    assert names("lang=en") == ["Box 1", '<span lang="zh">配电箱2</span>']
    assert "Box 1" not in at_work.get("/desk/registers/box?lang=zh").text
    assert names("lang=en&columns=name_zh") == [f'<span lang="zh">配电箱{n}</span>' for n in (1, 2)]


def named(field: str, type_: str, of: str) -> dict[str, Any]:
    return {"key": field, "name": {"zh": field, "en": field}, "type": type_, "of": of}


async def test_a_page_says_what_others_are_called_and_keeps_their_ids_for_whoever_points_at_them(desk: AtWork) -> None:
    await desk.declare("hall", "1.1", thresholds=[8_000, 10_000], zone="food", name={"zh": "1.1馆", "en": "Hall 1.1"})
    fields = [*LIFT["field"], named("like", "texts", "lift"), named("group", "reference", "group")]
    await desk.declare("register", "crane", **(LIFT | {"field": fields}))
    desk.send_form(f"{AT}/new", **filled(1))
    desk.send_form(f"{AT}/new", **filled(2, name="Crane"))
    about = {
        "nonce": "c",
        "id": "C1",
        "name": "Crane",
        "hall": "1.1",
        "like": "L01;L02",
        "group": "utilities",
        "place": "1.1",
    }

    added = desk.send_form("/desk/registers/crane/new", **about)
    unknown = desk.send_form("/desk/registers/crane/new", **(about | {"nonce": "d", "id": "C2", "like": "L01;L09"}))

    page, paper = (desk.get(f"/desk/registers/crane{part}?lang=en").text for part in ("", "/print"))
    assert (added.status_code, unknown.status_code) == (303, 422)
    assert page.count('<span title="1.1">Hall 1.1</span>') == 2
    assert f'<a href="/r/{desk.run}/desk/registers/lift/things/L01" title="L01">Lift 1</a>, ' in page
    assert 'title="L02">Crane L02</a>' in page
    assert '<span title="utilities">Utilities</span>' in page
    assert "<td>Lift 1, Crane L02</td><td>Utilities</td>" in paper


async def test_nobody_reads_the_names_of_a_register_that_is_not_his_in_another(desk: AtWork) -> None:
    theirs = {"see": ["group:security"], "write": ["group:security"]}
    await desk.declare("register", "guest", **(LIFT | theirs))
    guest = Added(register="guest", item="G1", values={"name": "Mr. Secret"}, unique=[])
    await desk.site.record("pack", THINGS, "guest.G1", THINGS.start("thing:guest.G1"), guest)
    await desk.declare("register", "crane", **(LIFT | {"field": [*LIFT["field"], named("of", "reference", "guest")]}))
    desk.send_form("/desk/registers/crane/new", nonce="c", id="C1", name="Crane", of="G1")

    page = desk.get("/desk/registers/crane?lang=en").text

    assert '<span title="G1">G1</span>' in page
    assert "Secret" not in page


async def test_a_year_is_written_without_separators_as_the_declaration_says(desk: AtWork) -> None:
    fields = [
        *LIFT["field"],
        {"key": "built", "name": {"zh": "建成", "en": "Built"}, "type": "integer", "plain": True},
        {"key": "amount", "name": {"zh": "数", "en": "Amount"}, "type": "integer", "plain": {"unit": ["year"]}},
        {"key": "unit", "name": {"zh": "单位", "en": "Unit"}, "type": "text"},
    ]
    await desk.declare("register", "crane", **(LIFT | {"field": fields}))
    for number, unit in ((1, "year"), (2, "box")):
        said = {"built": "1998", "amount": "2022", "unit": unit}
        desk.send_form("/desk/registers/crane/new", **filled(number, **said))

    page, past = desk.get("/desk/registers/crane").text, desk.get("/desk/registers/crane/things/L01").text

    assert re.findall(r'data-name="(?:Built|建成)" class="num">([^<]+)<', page) == ["1998", "1998"]
    assert re.findall(r'data-name="(?:Amount|数)" class="num">([^<]+)<', page) == ["2022", "2,022"]
    assert "<ins>2022</ins>" in past


async def test_the_front_page_and_the_search_lead_to_things(desk: AtWork) -> None:
    desk.send_form(f"{AT}/new", **filled(1))

    front, found = desk.get("/desk?lang=zh").text, desk.get("/desk/search?q=LIFT&lang=en").text

    assert "能源组" in front
    assert f"/r/{desk.run}/desk/registers/lift" in front
    assert f"/r/{desk.run}/wall" in front
    assert f"/r/{desk.run}/desk/registers/lift/things/L01" in found
    assert "Nothing was found." in desk.get("/desk/search?q=zebra&lang=en").text


async def test_a_register_that_one_may_not_see_is_nowhere_on_the_desk(desk: AtWork) -> None:
    hidden = LIFT | {"name": {"zh": "摄像机", "en": "Cameras"}, "see": ["group:security"], "write": ["group:security"]}
    await desk.declare("register", "camera", **hidden)
    await desk.declare("register", "hydrant", **(LIFT | {"write": ["group:security"]}))

    assert "camera" not in desk.get("/desk").text
    assert desk.get("/desk/registers/camera").status_code == 404
    assert "/registers/hydrant/new" not in desk.get("/desk/registers/hydrant").text
    assert desk.send_form("/desk/registers/hydrant/new", **filled(1)).status_code == 403
