# SPDX-License-Identifier: Apache-2.0
"""The page that says what went wrong: for people only, in their language, with one thing to do."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar, Request, Response, get
from litestar.exceptions import HTTPException
from litestar.testing import TestClient

from fourleaf.ui.pages import page_of, problem_page, wants_page

SAID = {"zh": "出了差错。请重试。", "en": "Something broke. Try again."}


@get("/{status:int}/wall")
async def fail(status: int) -> None:
    raise HTTPException(status_code=status)


def answer(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    if wants_page(request):
        return problem_page(page_of(request), error.status_code, SAID, {"Retry-After": "2"})
    return Response({"plain": True}, status_code=error.status_code)


@pytest.fixture
def client() -> Iterator[TestClient[Litestar]]:
    with TestClient(Litestar([fail], exception_handlers={HTTPException: answer})) as opened:
        yield opened


def html(client: TestClient[Litestar], status: int, lang: str) -> str:
    answered = client.get(f"/{status}/wall?lang={lang}", headers={"accept": "text/html,*/*"})
    assert answered.status_code == status
    return answered.text


def test_a_device_that_does_not_ask_for_a_page_gets_none(client: TestClient[Litestar]) -> None:
    assert client.get("/404/wall", headers={"accept": "application/json"}).json() == {"plain": True}
    assert client.get("/404/wall", headers={"accept": "*/*"}).json() == {"plain": True}


def test_a_page_that_may_come_back_asks_again_by_itself_and_says_so(client: TestClient[Litestar]) -> None:
    page = html(client, 503, "en")

    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert re.search(r'<script type="module" src="/static/[^"]*again\.js"', page)
    assert "every 5 seconds" in page
    assert "refresh" not in html(client, 404, "en")
    assert "again.js" not in html(client, 404, "en")


@pytest.mark.parametrize(
    ("lang", "happened", "todo"), [("zh", "出了差错。", "请重试。"), ("en", "Something broke.", "Try again.")]
)
def test_a_status_without_words_of_its_own_says_those_of_the_refusal(
    client: TestClient[Litestar], lang: str, happened: str, todo: str
) -> None:
    page = html(client, 500, lang)

    assert re.findall(r"<h1>(.*?)</h1>", page) == [happened]
    assert re.findall(r'<p class="todo">(.*?)</p>', page) == [todo]


@pytest.mark.parametrize("status", [404, 500, 503])
def test_every_such_page_leads_to_the_list_of_runs_and_speaks_the_other_language(
    client: TestClient[Litestar], status: int
) -> None:
    page = html(client, status, "zh")

    assert 'href="/runs"' in page
    assert f'href="/{status}/wall?lang=en"' in page
    assert 'data-skin="wall"' in page  # a dark hall stays dark
