# SPDX-License-Identifier: Apache-2.0
"""Rehearsed feeds: keys and addresses that one rehearsal has for itself, so that none takes what another brings."""

import secrets
from base64 import b64encode
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fourleaf.app.address import probe
from fourleaf.app.settings import REHEARSED
from fourleaf.pack import Edition
from fourleaf.pack.edition import Declaration


class Own(NamedTuple):
    """An edition for one rehearsal. Shape of keys, urls: feed -> secret half; feed -> where the rehearsal answers."""

    edition: Edition
    keys: dict[str, str]
    urls: dict[str, str]


def with_own_feeds(edition: Edition, places: Collection[str] = REHEARSED) -> Own:
    """The same edition with a fresh key for each signed feed, and a free place for each that is asked for on this machine.

    Nobody else has the keys; what they sign opens nothing of the live run, whose owner has a key of his own. Where no place is
    free another rehearsal answers that it has nothing of this one: the feed is told as one that does not come.
    """
    values, keys, urls = list[Declaration](), dict[str, str](), dict[str, str]()
    place, path = _free(sorted(places)), secrets.token_hex(4)
    for one in edition.values:
        said = dict[str, Any]()
        if one.kind == "feed" and one.value["way"] == "one-way":
            made = Ed25519PrivateKey.generate()
            keys[one.key] = b64encode(made.private_bytes_raw()).decode()
            said = {"public_key": b64encode(made.public_key().public_bytes_raw()).decode()}
        elif one.kind == "feed" and one.value["way"] == "pull" and urlsplit(one.value["url"]).netloc in places:
            parts = urlsplit(one.value["url"])
            urls[one.key] = urlunsplit(parts._replace(netloc=place, path=f"/{path}{parts.path}"))
            said = {"url": urls[one.key]}
        values.append(msgspec.structs.replace(one, value={**one.value, **said}) if said else one)
    return Own(msgspec.structs.replace(edition, values=tuple(values)), keys, urls)


def _free(places: list[str]) -> str:
    """The first of these where nobody answers yet, else the last."""
    return next((place for place in places if _is_free(place)), places[-1])


def taken(urls: Mapping[str, str]) -> dict[str, list[str]]:
    """Where somebody answers already, and the feeds that a rehearsal was to bring there. urls: feed -> where it answers."""
    found = dict[str, list[str]]()
    for feed, url in urls.items():
        found.setdefault(urlsplit(url).netloc, []).append(feed)
    return {place: feeds for place, feeds in found.items() if not _is_free(place)}


def _is_free(place: str) -> bool:
    parts = urlsplit(f"//{place}")
    try:
        probe(parts.hostname or "", parts.port or 0)
    except OSError:
        return False
    return True
