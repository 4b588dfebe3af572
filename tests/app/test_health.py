# SPDX-License-Identifier: Apache-2.0
"""Health as told to whoever watches from outside: a run that nobody reports to any more is not well."""

import io
import itertools
import re
from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest
from rich.console import Console

from fourleaf.app import address
from fourleaf.app.doctor import examine
from fourleaf.app.speech import Speech
from tests.conftest import Live, wait_for

pytestmark = [pytest.mark.postgres, pytest.mark.process]


@pytest.fixture
def client(live_server: Live) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_server.url, trust_env=False, timeout=20) as opened:
        yield opened


def _health(client: httpx.Client, run: str) -> str:
    return str(client.get("/healthz").json()["runs"][run])


def _examined(live: Live, lang: str) -> str:
    text = io.StringIO()
    examine(live.settings, Speech(lang, Console(file=text, width=300)))
    return text.getvalue()


def test_a_run_whose_sources_fell_silent_is_told_by_health_metrics_and_doctor(
    client: httpx.Client, live_server: Live
) -> None:
    run, _, doors = live_server.new_run(speed=60)
    token = next(iter(doors.values()))
    now = datetime.fromisoformat(client.get(f"/r/{run}/clock").json()["now"])
    counts = {"sequence": 1, "counts": [{"minute": now.isoformat(), "in": 5, "out": 0}]}

    wait_for(lambda: _health(client, run) == "well", "a well run")
    told = client.post(f"/r/{run}/sensing/counts", json=counts, headers={"Authorization": f"Bearer {token}"})
    wait_for(lambda: f'fourleaf_fed_things{{run="{run}",layer="hall"}} 1' in client.get("/metrics").text, "a hall")
    wait_for(lambda: _health(client, run) == "sources-silent", "silence")

    assert told.status_code == 200
    assert f'fourleaf_stale_things{{run="{run}",layer="hall"}} 1' in client.get("/metrics").text
    address.write(live_server.data, address.own("127.0.0.1", live_server.settings.port, run))
    zh, en = _examined(live_server, "zh"), _examined(live_server, "en")
    address.remove(live_server.data)
    assert f"{run}: half or more of its gates and halls send nothing" in en
    assert f"{run}：一半以上的闸口和展馆没有新数据" in zh


def test_a_head_is_enough_to_ask_whether_the_server_is_there(client: httpx.Client) -> None:
    assert client.head("/healthz").status_code == client.head("/metrics").status_code == 200


def test_each_metric_is_one_group_below_its_help_and_type(client: httpx.Client) -> None:
    lines = client.get("/metrics").text.splitlines()
    names = [line.split()[2] if line.startswith("#") else re.split("[{ ]", line)[0] for line in lines]

    groups = [name for name, _ in itertools.groupby(names)]
    typed, helped = ([line.split()[2] for line in lines if line.startswith(f"# {word}")] for word in ("TYPE", "HELP"))

    assert groups == typed == helped
    assert len(set(groups)) == len(groups)


def test_each_address_of_the_interface_says_in_a_sentence_what_it_does(client: httpx.Client) -> None:
    paths = client.get("/schema/openapi.json").json()["paths"]

    summaries = [told["summary"] for methods in paths.values() for told in methods.values()]

    assert [one for one in summaries if " " not in one or "\n" in one] == []
    assert "Give an account a role" in summaries
