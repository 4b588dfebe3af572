# SPDX-License-Identifier: Apache-2.0
"""Lists of accounts: seen cell by cell, opened once, names sealed; and the codes with which their owners come in."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from fourleaf.app.sign_in import activation
from fourleaf.engines.people.facts import Invited, Opened, PasswordChanged, RoleGiven
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.pool import Connection
from tests.app.sign_in.fair import Browser, Fair
from tests.blobs import made as files
from tests.standards.spreadsheets.made import saved

pytestmark = pytest.mark.postgres
AT = "/accounts/imports"
HEAD: list[object] = ["登录名", "Role", "组别", "姓名", "Phone", "e-mail"]
PASSWORD = "seven quiet lanterns"


@pytest.fixture
async def keeper(fair: Fair) -> Browser:
    said = await fair.open("keeper", "keeper")
    browser = fair.browser()
    browser.sign_in("keeper", said.password)
    return browser


def send(browser: Browser, data: bytes) -> httpx.Response:
    token = browser.csrf("/accounts")
    return browser.client.post(AT, data={"csrf": token}, files={"file": ("x", data)}, follow_redirects=False)


def looked(browser: Browser, *lines: list[object], change: Callable[[Any], None] | None = None) -> tuple[str, str]:
    """Where the preview of a list stands, and its page in English."""
    answer = send(browser, saved([HEAD, *lines], change) if change else saved([HEAD, *lines]))
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    return path, browser.get(f"{path}?lang=en").text


def confirm(browser: Browser, path: str, page: str, **more: str) -> httpx.Response:
    seen = re.findall(r'name="seen" value="(\w+)"', page)[0]
    return browser.post(path, "/accounts", seen=seen, **more)


def counts(page: str) -> list[str]:
    return re.findall(r'class="what-\w+"><dt>[^<]+</dt><dd class="num">([\d,]+)</dd>', page)


def wrong(page: str) -> list[tuple[str, str]]:
    """Cells and what is wrong with them."""
    return re.findall(r'<tr><th scope="row">([A-Z]+\d+)</th><td class="whole"[^>]*>([^<]*)</td>', page)


async def account_of(fair: Fair, name: str) -> str:
    async with fair.site.connection() as connection:
        cursor = await connection.execute(
            "select account from fourleaf.login where run = %s and name = %s", [fair.run, name]
        )
        row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


async def test_a_list_opens_accounts_and_their_names_stand_in_the_vault_alone(
    fair: Fair, keeper: Browser, connection: Connection
) -> None:
    path, page = looked(
        keeper,
        ["Ann.Li", "officer", "", "李安", "13800000000", "ann@fair.example"],
        ["bob", "chief", "security", None, None, None],
    )
    before = await (await connection.execute("select count(*) from fourleaf.login where name = 'ann.li'")).fetchone()

    done = confirm(keeper, path, page)

    ann = await account_of(fair, "ann.li")
    log = await (
        await connection.execute("select string_agg(body::text, '') from fourleaf.log where run = %s", [fair.run])
    ).fetchone()
    person = f"account:{ann}"
    values = await fair.app.state.office.safe.vault(fair.site).get(
        connection, [person], ["name", "phone", "email"], actor="test", purpose="test"
    )
    assert (counts(page), before) == (["2", "0", "0", "0"], (0,))
    assert done.headers["location"] == "/accounts?opened=2"
    assert await fair.facts(ann) == [Opened(account=ann), RoleGiven(account=ann, role="officer")]
    assert values == {person: {"name": "李安", "phone": "13800000000", "email": "ann@fair.example"}}
    assert log is not None and not any(word in log[0] for word in ("李安", "13800000000", "ann@fair.example"))


async def test_the_same_list_again_does_nothing_and_the_table_itself_is_gone(fair: Fair, keeper: Browser) -> None:
    path, page = looked(keeper, ["ann", "officer", "", "Ann", None, None])
    confirm(keeper, path, page)

    _, again = looked(keeper, ["ann", "officer", "", "Ann", None, None])

    assert counts(again) == ["0", "0", "1", "0"]
    assert "There is no such file" in keeper.get(f"{path}?lang=en").text


async def test_every_mistake_of_a_list_is_told_at_its_cell(fair: Fair, keeper: Browser) -> None:
    await fair.open("taken", "officer")

    def spoil(book: Any) -> None:
        book.active["D7"] = "=1+1"

    _, page = looked(
        keeper,
        ["a b", "officer", None, None, None, None],
        ["taken", "chief", "security", None, None, None],
        ["twice", "officer", None, None, None, None],
        ["TWICE", "officer", None, None, None, None],
        ["boss", "director", None, None, None, None],
        ["sum", "officer", None, "x", None, None],
        ["lost", "chief", None, None, None, None],
        ["nobody", None, None, None, None, None],
        ["odd", "emperor", None, None, None, None],
        change=spoil,
    )

    assert counts(page) == ["1", "0", "0", "8"]
    assert [cell for cell, _ in wrong(page)] == ["A2", "A3", "A5", "B6", "D7", "C8", "B9", "B10"]
    assert "is taken" in page and "You may not give" in page and "paste it as a value" in page


async def test_wrong_lines_stay_out_only_when_it_is_said_so(fair: Fair, keeper: Browser) -> None:
    path, page = looked(
        keeper, ["ann", "officer", None, None, None, None], ["boss", "director", None, None, None, None]
    )

    refused = confirm(keeper, path, page)
    done = confirm(keeper, path, page, rest="yes")

    assert (refused.status_code, done.headers["location"]) == (422, "/accounts?opened=1")


async def test_seven_hundred_accounts_are_opened_while_the_page_tells_how_far_it_is(
    fair: Fair, keeper: Browser
) -> None:
    lines: list[list[object]] = [[f"p{n:03}", "officer", None, f"人{n}", None, None] for n in range(700)]
    path, page = looked(keeper, *lines)
    seen = re.findall(r'name="seen" value="(\w+)"', page)[0]

    steps = keeper.post(f"{path}/stream", "/accounts", seen=seen).text.splitlines()
    slips = keeper.post("/accounts/codes", "/accounts").text

    written = [one for one in steps if "written" in one]
    assert written == ['{"written":200}', '{"written":400}', '{"written":600}', '{"written":700}']
    assert steps[-1] == '{"see":"/accounts?opened=700"}'
    assert len(set(codes(slips))) == 700


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty"),
        (b"\x89PNG\r\n\x1a\n", "Such files are not taken"),
        (files.workbook(xl__vbaProject_bin=b"x"), "holds macros"),
    ],
)
async def test_a_file_that_is_no_list_is_refused(fair: Fair, keeper: Browser, data: bytes, says: str) -> None:
    keeper.get("/accounts?lang=en")

    answer = send(keeper, data)

    assert answer.status_code == 422
    assert says in answer.text


async def test_a_list_beyond_every_measure_is_refused_before_it_is_read(fair: Fair, keeper: Browser) -> None:
    answer = send(keeper, b"login,role\n" * (3 << 20))

    assert answer.status_code == 413


async def test_more_than_a_million_lines_are_refused_at_once_and_nothing_is_opened(fair: Fair, keeper: Browser) -> None:
    path = send(keeper, b"login name,role\n" + b"a,b\n" * 1_000_001).headers["location"]

    page = keeper.get(f"{path}?lang=en&wait=true")

    assert page.status_code == 422
    assert 'role="alert"' in page.text


async def test_only_its_sender_sees_a_list_and_only_keepers_send_one(fair: Fair, keeper: Browser) -> None:
    path, page = looked(keeper, ["ann", "officer", None, "Ann", None, None])
    others = {}
    for name, role in (("other.keeper", "keeper"), ("duty.officer", "officer")):
        said = await fair.open(name, role)
        others[name] = fair.browser()
        others[name].sign_in(name, said.password)

    theirs = others["other.keeper"].get(path)
    blob = path.rpartition("/")[2]
    download = keeper.json(f"/r/{fair.run}/files/{blob}?purpose=x")
    refused = [
        others["duty.officer"].get(one).status_code for one in (AT, path, f"{path}/stream", f"{AT}/template.csv")
    ]

    assert "Ann" in page and "Ann" not in theirs.text and theirs.status_code == 422
    assert download.status_code == 404
    assert refused == [403] * 4


async def test_what_a_list_says_of_itself_is_a_recorded_read(
    fair: Fair, keeper: Browser, connection: Connection
) -> None:
    path, page = looked(keeper, ["ann", "officer", None, "Ann", None, None])
    confirm(keeper, path, page)

    cursor = await connection.execute(
        "select kind, body ->> 'purpose', body -> 'count' from fourleaf.log where run = %s and kind like 'vault.%%'"
        " order by seq",
        [fair.run],
    )
    assert await cursor.fetchall() == [
        ("vault.Read", "accounts import", 1),
        ("vault.Read", "accounts import", 1),
        ("vault.Erased", None, None),
    ]


async def test_the_template_can_be_sent_back(fair: Fair, keeper: Browser) -> None:
    for kind in ("xlsx", "csv"):
        path = send(keeper, keeper.get(f"{AT}/template.{kind}").content).headers["location"]

        assert "head and no lines" in keeper.get(f"{path}?lang=en").text


# ------------------------------------------------------------------ codes
def codes(page: str) -> list[str]:
    return re.findall(r'<code class="secret">([^<]+)</code>', page)


async def opened(fair: Fair, keeper: Browser, *names: str) -> None:
    lines: list[list[object]] = [[name, "officer", None, None, None, None] for name in names]
    path, page = looked(keeper, *lines)
    assert confirm(keeper, path, page).status_code == 303


def activate(browser: Browser, code: str, password: str = PASSWORD) -> httpx.Response:
    return browser.post("/sign-in/activate", "/sign-in/activate", code=code, password=password, again=password)


async def test_a_code_lets_its_owner_in_once_with_a_password_of_his_own(fair: Fair, keeper: Browser) -> None:
    await opened(fair, keeper, "ann")
    (code,) = codes(keeper.post("/accounts/codes", "/accounts").text)
    ann, other = fair.browser(), fair.browser()

    first = activate(ann, f" {code.upper()} ")
    second = activate(other, code)

    account = await account_of(fair, "ann")
    facts = await fair.facts(account)
    assert first.headers["location"] == "/account" and ann.get("/account").status_code == 200
    assert second.status_code == 422 and "fourleaf" not in other.client.cookies
    assert fair.browser().sign_in("ann", PASSWORD).status_code == 303
    assert [type(one) for one in facts[2:4]] == [Invited, PasswordChanged]
    assert facts[3] == PasswordChanged(account=account, by_office=False)


async def test_of_two_who_use_a_code_at_once_one_comes_in(fair: Fair, keeper: Browser) -> None:
    await opened(fair, keeper, "ann")
    (code,) = codes(keeper.post("/accounts/codes", "/accounts").text)

    answers = await asyncio.gather(*(asyncio.to_thread(activate, fair.browser(), code) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]


async def test_codes_are_shown_once_and_new_ones_end_the_old(fair: Fair, keeper: Browser) -> None:
    await opened(fair, keeper, "ann", "bob")
    first = codes(keeper.post("/accounts/codes", "/accounts").text)

    twice = keeper.post("/accounts/codes", "/accounts")
    new = codes(keeper.post("/accounts/codes", "/accounts", again="yes").text)

    assert (len(first), twice.status_code, codes(twice.text)) == (2, 422, [])
    assert len(new) == 2 and not {*first} & {*new}
    assert [activate(fair.browser(), one).status_code for one in (first[0], new[0])] == [422, 303]


async def test_an_old_code_a_closed_account_and_a_weak_password_are_refused(
    fair: Fair, keeper: Browser, connection: Connection
) -> None:
    await opened(fair, keeper, "ann", "bob", "kim")
    ann, bob, kim = codes(keeper.post("/accounts/codes", "/accounts").text)
    await connection.execute("update fourleaf.login set activation_until = now() where name = 'ann'")
    await fair.act(await account_of(fair, "bob"), "close")

    answers = [activate(fair.browser(), ann), activate(fair.browser(), bob), activate(fair.browser(), kim, "short")]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert activate(fair.browser(), kim).status_code == 303


async def test_an_address_that_tries_many_codes_has_to_wait(fair: Fair) -> None:
    tried = activation.Chosen(code="wrong", password=PASSWORD, again=PASSWORD, address=fair.run, about="")

    refused = [await activation.activate(fair.app.state.office, fair.site, tried) for _ in range(51)]

    said = [one.code for one in refused if isinstance(one, Refusal)]
    assert said == ["people.wrong-activation"] * 50 + ["people.locked"]
