# SPDX-License-Identifier: Apache-2.0
"""Every door under made-up input: what the interface description promises holds, whoever asks."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conftest import Live

pytestmark = [pytest.mark.postgres, pytest.mark.process]

PROMISED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# So few that all doors together take half a minute. What is wrong is mostly refused before it matters who asks.
EXAMPLES = {GenerationMode.POSITIVE: 8, GenerationMode.NEGATIVE: 4}
MADE_UP = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# It never ends: tried by hand in test_hostile.
ENDLESS = "/r/{run}/stream"


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("who", ["nobody", "lane", "door"])
def test_every_address_keeps_to_its_description(
    live_server: Live, session: requests.Session, who: str, mode: GenerationMode
) -> None:
    session.headers.update(_token(live_server, who))
    schema = schemathesis.openapi.from_dict(_described(live_server))
    schema.config.update(base_url=live_server.url)

    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        # A path is text, and any text is a name: only queries and bodies can be malformed.
        askable = mode is GenerationMode.POSITIVE or operation.body or operation.query
        if operation.path != ENDLESS and askable:
            _ask(operation, live_server, session, mode)


def _ask(operation: Any, live: Live, session: requests.Session, mode: GenerationMode) -> None:
    @settings(MADE_UP, max_examples=EXAMPLES[mode])
    @given(case=operation.as_strategy(generation_mode=mode, path_parameters={"run": live.run}))
    def once(case: Any) -> None:
        answer = case.call(session=session)
        case.validate_response(answer, checks=PROMISED)
        assert answer.status_code < 400 or all(answer.json()["detail"][lang] for lang in ("zh", "en"))

    once()


def _described(live: Live) -> dict[str, Any]:
    described: dict[str, Any] = httpx.get(f"{live.url}/schema/openapi.json", trust_env=False).json()
    return described


def _token(live: Live, who: str) -> dict[str, str]:
    tokens = {"lane": live.lane_tokens, "door": live.door_tokens}.get(who)
    return {"Authorization": f"Bearer {next(iter(tokens.values()))}"} if tokens else {}


def test_every_address_declares_its_problems(live_server: Live) -> None:
    described = _described(live_server)

    operations = {
        f"{method} {path}": found for path, item in described["paths"].items() for method, found in item.items()
    }
    silent = {
        name for name, found in operations.items() if not {"400", "401", "403", "404", "503"} <= set(found["responses"])
    }
    other = {
        f"{name} {status}"
        for name, found in operations.items()
        for status, answer in found["responses"].items()
        if int(status) >= 400 and list(answer["content"]) != ["application/problem+json"]
    }

    assert operations
    assert (silent, other) == (set(), set())
