# SPDX-License-Identifier: Apache-2.0
"""How doors enrol: a kill or a lost answer at any moment costs no door."""

import json
from pathlib import Path

import httpx
import pytest

from rehearsal.client import Client, Rejected
from rehearsal.doors import MqttDoors, open_doors

DOORS = ("1.1-D1", "1.1-D2")
TOKENS = {"doors": {}, "codes": {name: f"CODE-{name}" for name in DOORS}}


class Killed(Exception):
    """The process ends here."""


class Office:
    """Takes each code once, unless the same secret comes again. killed_at: the enrolment after which the process is gone."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.spent: set[str] = set()
        self.killed_at = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        device = request.url.path.split("/")[-2]
        if request.url.path.endswith("/mqtt.json"):
            return httpx.Response(200, json={"user": device})
        said = json.loads(request.content)
        if self.secrets.get(device) != said["secret"]:
            if said["code"] in self.spent:
                return httpx.Response(422, json={"code": "sensing.wrong-code"})
            self.spent.add(said["code"])
            self.secrets[device] = said["secret"]
            if len(self.spent) == self.killed_at:
                raise Killed
        return httpx.Response(200, json={"secret": said["secret"]})


async def opened(office: Office, file: Path) -> MqttDoors:
    async with Client("http://test", "r", transport=httpx.MockTransport(office)) as client:
        doors = await open_doors(client, DOORS, TOKENS, file)
    assert isinstance(doors, MqttDoors)
    return doors


async def test_a_rehearsal_killed_between_enrolling_and_the_answer_comes_back_with_all_doors(tmp_path: Path) -> None:
    office, file = Office(), tmp_path / "secrets"
    office.killed_at = 1
    with pytest.raises(Killed):
        await opened(office, file)

    await opened(office, file)

    assert json.loads(file.read_text()) == {name: office.secrets[f"door:{name}"] for name in DOORS}
    assert file.stat().st_mode & 0o777 == 0o600


async def test_a_door_that_was_revoked_meanwhile_keeps_no_other_out(tmp_path: Path) -> None:
    office, file = Office(), tmp_path / "secrets"
    await opened(office, file)
    office.secrets["door:1.1-D1"] = "of somebody else"

    await opened(office, file)

    assert json.loads(file.read_text())["1.1-D2"] == office.secrets["door:1.1-D2"]


async def test_a_code_that_is_wrong_from_the_start_is_told(tmp_path: Path) -> None:
    office = Office()
    office.spent.add("CODE-1.1-D1")

    with pytest.raises(Rejected):
        await opened(office, tmp_path / "secrets")
