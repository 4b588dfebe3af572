# SPDX-License-Identifier: Apache-2.0
"""A small fair with zones, categories, lanes and a signing key, where credentials are issued and codes are made."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import count
from typing import Any

import httpx

from fourleaf.engines.admission import actions
from fourleaf.engines.credentials.facts import Applied, Issued, Reissued, Revoked, Step
from fourleaf.engines.credentials.state import STREAMS, Credential
from fourleaf.kernel.principal import Principal
from fourleaf.postgres import runs
from fourleaf.standards import badge
from fourleaf.standards.badge import Claims
from fourleaf.standards.keyring import SigningKey
from tests.engines.at_work import AT, AtWork

KEY = SigningKey(bytes(range(40)))
OFFICE = Principal(id="office")
VENUE_ZONE, VISITOR = 0, 3
STEP = Step(key="decision", kind="decision", decides="credentials.decide", due_at=AT)
(CREDENTIALS,) = [one for one in STREAMS if one.prefix == "credential"]


class Fair:
    def __init__(self, at_work: AtWork) -> None:
        self.at_work, self._numbers = at_work, count(1)

    async def open(self, gates: int = 12) -> "Fair":
        """gates: each with one lane of its own, `G1-1` and so on."""
        at_work = self.at_work
        lanes = [f"G{number}-1" for number in range(1, gates + 1)]
        await at_work.declare("admission_rule", "venue", reentry_gap_s=0, lane=[{"zone": "venue"}])
        await at_work.declare("access_zone", "venue", number=VENUE_ZONE)
        await at_work.declare("phase", "show", **{"from": "2024-11-05", "to": "2024-11-06"})
        rights = {"zones": ["venue"], "phases": ["show"], "opens": "08:00", "closes": "18:00"}
        await at_work.declare("credential_type", "visitor", number=VISITOR, carriers=["badge"], **rights)
        for lane in lanes:
            await at_work.declare("lane", lane, gate=lane[:-2], entrance=lane[:-2], lane_class="badge")
        async with at_work.site.connection() as connection:
            await runs.set_tokens(connection, at_work.run, {f"lane:{lane}": token(lane) for lane in lanes})
        await actions.trust(
            at_work.site, OFFICE, KEY.public, opens_at=AT - timedelta(days=9), closes_at=AT + timedelta(days=9)
        )
        return self

    async def issue(self, holder: str, index: int) -> str:
        """A credential of a visitor. Gives the text of its code."""
        name, before = f"c-{index}", Credential(credential=f"c-{index}")
        applied = Applied(holder=holder, type="visitor", organization="o", documents=[], slot=1, step=STEP)
        until = AT + timedelta(days=2)
        issued = Issued(index=index, carrier="badge", valid_from=AT, valid_until=until)
        await self.at_work.site.record("office", CREDENTIALS, name, before, [applied, issued])
        return code(index)

    async def end(self, index: int, body: Revoked | Reissued) -> None:
        before = Credential(credential=f"c-{index}", version=2)
        await self.at_work.site.record("office", CREDENTIALS, f"c-{index}", before, body)

    def redeem(self, lane: str, text: str, *, direction: str = "in", nonce: str = "", **more: Any) -> httpx.Response:
        said = {"nonce": nonce or f"n{next(self._numbers)}", "direction": direction, "code": text, **more}
        return self.at_work.post_as(token(lane), "/admission/redeem", said)

    def upload(self, lane: str, passages: Iterable[dict[str, Any]]) -> dict[str, Any]:
        answer = self.at_work.post_as(token(lane), "/admission/uploads", {"passages": list(passages)})
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said


def token(lane: str) -> str:
    return f"token-of-{lane}".ljust(40, "x")


def code(index: int, *, zones: int = 1, days: int = 0b11, category: int = VISITOR, key: SigningKey = KEY) -> str:
    expires = AT + timedelta(days=2)
    claims = Claims(index=index, holder=index, category=category, zones=zones, days=days, expires_at=expires)
    return badge.printed(badge.issue(claims, key))
