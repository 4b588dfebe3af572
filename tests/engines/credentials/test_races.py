# SPDX-License-Identifier: Apache-2.0
"""Credentials under race: sixteen clients at once on a real database, and one place left."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from fourleaf.app.safekeeping import Safe
from fourleaf.app.settings import Settings
from fourleaf.engines.credentials import actions, store
from fourleaf.engines.credentials.actions import Asked, Decision, Wanted
from fourleaf.engines.credentials.facts import Issued
from fourleaf.engines.credentials.state import Credential
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer
from tests.engines.at_work import AtWork
from tests.engines.credentials.samples import ALL, DOCUMENTS, MEDIA, VISITOR, declare, holder

pytestmark = pytest.mark.postgres
CLIENTS = 16
Apply = Callable[..., Coroutine[Any, Any, Answer | Refusal]]


def asked(request_id: str, who: str = "ann") -> Asked:
    return Asked(principal=Principal(id=who, labels=("office",), permissions=ALL), request_id=request_id, given=[])


@pytest.fixture
async def apply(at_work: AtWork, dsn: str, tmp_path: Path, vault_key: Path) -> Apply:
    """Apply as one of many clients."""
    await declare(at_work, visitor=VISITOR | {"quota": 5})
    vault = Safe(Settings(database_url=dsn, data=tmp_path, vault_key=vault_key)).vault(at_work.site)

    async def one(number: str, request_id: str, type_: str = "visitor") -> Answer | Refusal:
        wanted = Wanted(type=type_, organization="td-shanghai", documents=DOCUMENTS, details=holder(number))
        return await actions.apply(at_work.site, vault, asked(request_id), wanted)

    return one


def codes(told: list[Answer | Refusal]) -> Counter[str]:
    return Counter(one.code if isinstance(one, Refusal) else "done" for one in told)


async def test_the_last_places_of_an_organization_go_to_as_many_as_there_are(apply: Apply) -> None:
    told = await asyncio.gather(*(apply(f"E{number}", f"r{number}") for number in range(CLIENTS)))

    assert codes(list(told)) == {"done": 5, "credentials.quota-full": CLIENTS - 5}


async def test_one_document_gets_one_credential_whoever_applies(apply: Apply, at_work: AtWork) -> None:
    told = await asyncio.gather(*(apply("E1234567", f"r{number}", "media") for number in range(CLIENTS)))

    assert codes(list(told)) == {"done": 1, "credentials.already-holds": CLIENTS - 1}
    assert len((await at_work.rows(Credential))["credentials_credential"]) == 1


async def test_a_person_gets_two_credentials_of_one_day_and_no_third(apply: Apply) -> None:
    told = await asyncio.gather(*(apply("E1234567", f"r{number}", "same-day") for number in range(CLIENTS)))

    assert codes(list(told)) == {"done": 2, "credentials.no-more": CLIENTS - 2}


async def test_the_same_request_at_once_is_answered_once(apply: Apply) -> None:
    told = await asyncio.gather(*(apply("E1", "same", "media") for _ in range(CLIENTS)))

    assert codes(list(told)) == {"done": CLIENTS}
    assert len({one.value["fact"] for one in told if isinstance(one, Answer)}) == 1


async def test_a_credential_is_issued_once_and_places_of_the_list_are_never_shared(
    apply: Apply, at_work: AtWork
) -> None:
    names = [
        one.value["credential"]
        for number in range(4)
        if isinstance(one := await apply(f"E{number}", f"r{number}", "media"), Answer)
    ]
    decision = Decision(stage="decision", outcome="pass", reason="met")
    for who in ("bo", "cy"):
        await actions.decide_many(at_work.site, asked(f"d-{who}", who), names, decision)
    told = await asyncio.gather(
        *(actions.issue(at_work.site, asked(f"i{n}", f"p{n}"), [names[n % 4]], "badge") for n in range(CLIENTS))
    )

    assert codes(list(told)) == {"done": 4, "credentials.not-approved": CLIENTS - 4}
    issued = [body for name in names for body in await at_work.facts(f"credential:{name}") if isinstance(body, Issued)]
    assert len({body.index for body in issued}) == 4


async def test_the_database_itself_refuses_a_second_of_a_kind(apply: Apply, at_work: AtWork) -> None:
    """Behind the locks stands a constraint."""
    await apply("E1", "r1", "media")

    async with at_work.site.connection() as connection:
        (first,) = (await store.credentials(connection, ["c1"])).values()
        with pytest.raises(Exception, match="credentials_place"):
            await connection.execute(
                'insert into credentials_credential select (jsonb_populate_record(c, \'{"credential": "c2"}\')).*'
                " from credentials_credential c"
            )

    assert MEDIA["quota"] == 0 and first.slot == 0


async def test_nobody_issues_without_end(apply: Apply, at_work: AtWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fourleaf.engines.credentials.actions.issuing.MOST_AN_HOUR", 1)
    names = [
        one.value["credential"]
        for number in range(2)
        if isinstance(one := await apply(f"E{number}", f"r{number}", "media"), Answer)
    ]
    for who in ("bo", "cy"):
        decision = Decision(stage="decision", outcome="pass", reason="met")
        await actions.decide_many(at_work.site, asked(f"d-{who}", who), names, decision)

    told = [await actions.issue(at_work.site, asked(f"i{name}", "dee"), [name], "badge") for name in names]

    assert codes(told) == {"done": 1, "credentials.too-fast": 1}
