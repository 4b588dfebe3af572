# SPDX-License-Identifier: Apache-2.0
"""Complaints: what can be wrong with zones, categories and organizations that their types do not catch. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fourleaf.engines.credentials.declares.permissions import STAGES
from fourleaf.pack.complaint import Complaint, Others

if TYPE_CHECKING:
    from fourleaf.engines.credentials.declares.access_zone import AccessZone
    from fourleaf.engines.credentials.declares.background_check import BackgroundCheck
    from fourleaf.engines.credentials.declares.credential_type import CredentialType, Stage
    from fourleaf.engines.credentials.declares.organization import Organizations

# A code names zones and days by the bits of one number, and a category by a number.
BITS, NUMBERS = range(32), range(1, 256)
# Unit: minutes of a stage, credentials of one person, of one organization.
LONGEST, MOST, QUOTA = 60 * 24 * 90, 100, 1_000_000
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,39}")
_ORDER = tuple(STAGES)


def of_zone(zone: AccessZone) -> Iterator[Complaint]:
    if zone.number not in BITS:
        yield Complaint(("number",), "credential.number", _between(zone.number, BITS))
    if not zone.gates:
        yield Complaint(("gate",), "credential.no-gate", {})
    places = [gate.at for gate in zone.gates]
    for number, at in enumerate(places):
        if at in places[:number]:
            yield Complaint(("gate", number, "at"), "credential.twice", {"key": at})


def of_zone_among(zone: AccessZone, key: str, others: Others) -> Iterator[Complaint]:
    yield from _number_twice(zone.number, key, others.of("access_zone"))


def of_type(type_: CredentialType) -> Iterator[Complaint]:
    if type_.number not in NUMBERS:
        yield Complaint(("number",), "credential.number", _between(type_.number, NUMBERS))
    for name, found in (("zones", type_.zones), ("carriers", type_.carriers)):
        if not found or len(set(found)) < len(found):
            yield Complaint((name,), "credential.none-or-twice", {"key": name})
    if not type_.phases and not type_.dates:
        yield Complaint(("phases",), "credential.no-days", {})
    if type_.closes <= type_.opens:
        yield Complaint(("closes",), "credential.hours-turned", {"opens": type_.opens, "closes": type_.closes})
    if not type_.fee_free:
        yield Complaint(("fee_free",), "credential.fee", {})
    yield from _limits(type_)
    yield from _carriers(type_)
    yield from _documents(type_)
    yield from _stages(type_)


def _limits(type_: CredentialType) -> Iterator[Complaint]:
    for key, found, least, most in (("most", type_.most, 1, MOST), ("quota", type_.quota, 0, QUOTA)):
        if not least <= found <= most:
            yield Complaint((key,), "credential.number", {"found": found, "least": least, "most": most})
    office = type_.office
    if office.closes <= office.opens:
        yield Complaint(
            ("office", "closes"), "credential.hours-turned", {"opens": office.opens, "closes": office.closes}
        )
    if not office.weekdays or not set(office.weekdays) <= set(range(1, 8)):
        yield Complaint(("office", "weekdays"), "credential.weekdays", {})


def _carriers(type_: CredentialType) -> Iterator[Complaint]:
    if ("plate" in type_.carriers) != (type_.of == "vehicle"):
        yield Complaint(("carriers",), "credential.plate", {})
    if type_.validity == "same-day" and set(type_.carriers) - {"phone"}:
        yield Complaint(("carriers",), "credential.same-day", {})
    if type_.reuse and "badge" not in type_.carriers:
        yield Complaint(("reuse",), "credential.reuse", {})


def _documents(type_: CredentialType) -> Iterator[Complaint]:
    keys = [one.key for one in type_.documents]
    for number, key in enumerate(keys):
        if not _KEY.fullmatch(key):
            yield Complaint(("document", number, "key"), "credential.bad-key", {"key": key})
        elif key in keys[:number]:
            yield Complaint(("document", number, "key"), "credential.twice", {"key": key})


def _stages(type_: CredentialType) -> Iterator[Complaint]:
    if not type_.stages or type_.stages[-1].kind != "decision":
        yield Complaint(("stage",), "credential.no-decision", {})
    keys = [stage.key for stage in type_.stages]
    kinds = [_ORDER.index(stage.kind) for stage in type_.stages]
    for number, stage in enumerate(type_.stages):
        if stage.key in keys[:number]:
            yield Complaint(("stage", number, "key"), "credential.twice", {"key": stage.key})
        if number and kinds[number] <= kinds[number - 1]:
            yield Complaint(("stage", number, "kind"), "credential.stage-order", {"kind": stage.kind})
        yield from _stage(number, stage)


def _stage(number: int, stage: Stage) -> Iterator[Complaint]:
    if not _KEY.fullmatch(stage.key):
        yield Complaint(("stage", number, "key"), "credential.bad-key", {"key": stage.key})
    if not 1 <= stage.minutes <= LONGEST:
        wrong = {"found": stage.minutes, "least": 1, "most": LONGEST}
        yield Complaint(("stage", number, "minutes"), "credential.number", wrong)


def of_type_among(type_: CredentialType, key: str, others: Others) -> Iterator[Complaint]:
    if not _KEY.fullmatch(key):
        yield Complaint((), "credential.bad-key", {"key": key})
    yield from _number_twice(type_.number, key, others.of("credential_type"))
    for name, kind, found in (
        ("zones", "access_zone", type_.zones),
        ("phases", "phase", type_.phases),
        ("reuse", "edition", type_.reuse),
    ):
        yield from _unknown(name, found, others.of(kind), kind)
    for number, day in enumerate(type_.dates):
        if not _in_edition(day.isoformat(), others):
            yield Complaint(("dates", number), "credential.not-in-edition", {"date": day})


def _in_edition(day: str, others: Others) -> bool:
    phases = others.of("phase").values()
    return day in others.of("day") or any(str(one.get("from")) <= day <= str(one.get("to")) for one in phases)


def of_organizations(said: Organizations) -> Iterator[Complaint]:
    if not (said.organizations or said.every) or not said.types:
        yield Complaint(("organization" if said.types else "types",), "credential.no-organization", {})
    for number, one in enumerate(said.organizations):
        if not _ID.fullmatch(one.id):
            yield Complaint(("organization", number, "id"), "credential.bad-id", {"id": one.id})
        for key, quota in one.quota.items():
            if not 0 <= quota <= QUOTA:
                wrong = {"found": quota, "least": 0, "most": QUOTA}
                yield Complaint(("organization", number, "quota", key), "credential.number", wrong)


def of_organizations_among(said: Organizations, key: str, others: Others) -> Iterator[Complaint]:
    types, seen = others.of("credential_type"), set[str]()
    for name, more in others.of("organization").items():
        if name < key:
            seen |= {one.id for one in more.organizations}
    yield from _unknown("types", said.types, types, "credential_type")
    for number, one in enumerate(said.organizations):
        if one.id in seen:
            yield Complaint(("organization", number, "id"), "credential.twice", {"key": one.id})
        seen.add(one.id)
        for name in one.quota:
            if name not in types:
                blanks = {"key": "quota", "kind": "credential_type", "value": name}
                yield Complaint(
                    ("organization", number, "quota", name), "pack.unknown-reference", blanks, (name, types)
                )


def of_check(said: BackgroundCheck) -> Iterator[Complaint]:
    if not _is_safe(said.url):
        yield Complaint(("url",), "feed.bad-url", {"url": said.url})
    for name, found in (("types", said.types), ("tells", said.tells)):
        if not found or len(set(found)) < len(found):
            yield Complaint((name,), "credential.none-or-twice", {"key": name})
    if not said.purpose.strip():
        yield Complaint(("purpose",), "credential.no-purpose", {})
    for key, number, most in (("tries", said.tries, 20), ("timeout_s", said.timeout_s, 60)):
        if not 1 <= number <= most:
            yield Complaint((key,), "credential.number", {"found": number, "least": 1, "most": most})


def of_check_among(said: BackgroundCheck, others: Others) -> Iterator[Complaint]:
    yield from _unknown("types", said.types, others.of("credential_type"), "credential_type")


def _is_safe(url: str) -> bool:
    """HTTPS without a password in it; on this machine itself HTTP will do."""
    try:
        parts = urlsplit(url)
        named, secret = bool(parts.hostname), parts.username or parts.password
        return (
            named
            and not secret
            and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
        )
    except ValueError:
        return False


def _unknown(name: str, found: tuple[str, ...], known: Mapping[str, object], kind: str) -> Iterator[Complaint]:
    for number, value in enumerate(found):
        if value not in known:
            blanks = {"key": name, "kind": kind, "value": value}
            yield Complaint((name, number), "pack.unknown-reference", blanks, (value, known))


def _number_twice(number: int, key: str, known: Mapping[str, AccessZone | CredentialType]) -> Iterator[Complaint]:
    other = next((name for name, one in known.items() if name < key and one.number == number), None)
    if other is not None:
        yield Complaint(("number",), "credential.number-twice", {"number": number, "other": other})


def _between(found: int, allowed: range) -> Mapping[str, int]:
    return {"found": found, "least": allowed[0], "most": allowed[-1]}
