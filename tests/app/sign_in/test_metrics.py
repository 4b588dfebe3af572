# SPDX-License-Identifier: Apache-2.0
"""Metrics where one has to sign in: for a watcher with its token, for people with the permission, and for nobody else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourleaf.app.settings import Settings
from fourleaf.postgres.pool import Connection
from tests.app.sign_in.fair import Browser, Fair

pytestmark = pytest.mark.postgres
TOKEN = "6f1d" * 16


@pytest.fixture
async def fair(dsn: str, connection: Connection, run_name: str, tmp_path: Path, vault_key: Path) -> AsyncIterator[Fair]:
    file = tmp_path / "metrics.token"
    file.write_text(f"{TOKEN}\n")
    settings = Settings(database_url=dsn, data=tmp_path, sign_in="required", vault_key=vault_key, metrics_token=file)
    async with Fair(settings, connection, run_name) as opened:
        yield opened


def _status(browser: Browser, authorization: str | None = None) -> int:
    headers = [] if authorization is None else [(b"authorization", authorization.encode("latin-1"))]
    return browser.client.get("/metrics", headers=headers).status_code


async def test_a_watcher_reads_with_its_token_and_nothing_else_opens(fair: Fair) -> None:
    browser = fair.browser()
    told = [
        f"Bearer {TOKEN}",
        f"bearer {TOKEN}",
        "Bearer wrong",
        "Bearer ",
        "",
        TOKEN,
        f"Basic {TOKEN}",
        "Bearer \u00e9",
    ]

    answers = [_status(browser, one) for one in told] + [_status(browser)]

    assert answers == [200, 200, 401, 401, 401, 401, 401, 401, 401]
    assert browser.client.get("/metrics").headers["www-authenticate"] == "Bearer"


async def test_the_token_opens_nothing_but_the_metrics(fair: Fair) -> None:
    answers = [
        fair.browser()
        .client.get(path, headers={"authorization": f"Bearer {TOKEN}"}, follow_redirects=False)
        .status_code
        for path in ("/runs.json", f"/r/{fair.run}/people/accounts.json", "/accounts")
    ]

    assert set(answers) <= {303, 401}


async def test_of_people_only_who_has_the_permission_reads_them(fair: Fair) -> None:
    await fair.declare("role", "watch", name={"zh": "w", "en": "w"}, labels=["public"], may=["metrics.see"])
    answers = {}
    for role in ("watch", "officer"):
        said, browser = await fair.open(f"the.{role}", role), fair.browser()
        browser.sign_in(f"the.{role}", said.password)
        answers[role] = _status(browser)

    assert answers == {"watch": 200, "officer": 403}
