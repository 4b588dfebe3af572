# SPDX-License-Identifier: Apache-2.0
"""OpenID Connect: another sign-in service vouches for somebody. Authorization code with PKCE; the token is checked here."""

import base64
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from fourleaf.app.settings import LOOPBACK, Settings
from fourleaf.app.sign_in.standing import same

TIMEOUT_S = 5.0
# Only what is signed with a key that is not ours: a shared secret would let us forge what we check.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
# Clocks of two machines may stand apart by so much.
LEEWAY_S = 60
# What RFC 8176 calls a sign-in that took more than a password.
STRONG = frozenset({"mfa", "otp", "hwk", "sc"})


class NoService(Exception):
    """The service does not answer, or not with what the standard asks for."""


class NotVouched(Exception):
    """What came back does not prove who somebody is."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """claimed: what the service says of him in the claim that gives roles. strong: he showed more than a password.

    shown_at: when he last showed there who he is; None where the service does not say.
    """

    issuer: str
    subject: str
    claimed: tuple[str, ...]
    strong: bool
    shown_at: datetime | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What we must remember between sending somebody away and his coming back. link: the session that asked for a link.

    anew_since: he has to show there once more who he is, since then. Unit: seconds since 1970.
    """

    state: str
    nonce: str
    verifier: str
    run: str
    back: str
    link: str = ""
    anew_since: int | None = None

    @classmethod
    def new(cls, run: str, back: str, link: str = "", anew_since: int | None = None) -> "Asked":
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state=state, nonce=nonce, verifier=verifier, run=run, back=back, link=link, anew_since=anew_since)


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a service's description that is used. Source: OpenID Connect Discovery 1.0, section 3."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Oidc:
    """One service. Its description and keys are read when they are first needed, and the keys again for an unknown one.

    now: seconds since 1970.
    """

    def __init__(self, settings: Settings, now: Callable[[], int] = lambda: int(time.time())) -> None:
        assert settings.oidc_issuer is not None
        self._now = now
        self._issuer, self._client, self._claim = settings.oidc_issuer, settings.oidc_client, settings.oidc_claim
        self._secret = settings.oidc_secret.read_text("utf-8").strip() if settings.oidc_secret else ""
        self.back = f"{settings.url or f'http://{settings.host}:{settings.port}'}/sign-in/oidc/back"
        self._provider: Provider | None = None
        self._keys: KeySet | None = None

    async def where(self, asked: Asked) -> str:
        """Where to send somebody who is to sign in there. Raises: NoService"""
        provider = await self._described()
        challenge = base64.urlsafe_b64encode(sha256(asked.verifier.encode()).digest()).rstrip(b"=").decode()
        given = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": self.back,
            "scope": "openid",
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if asked.anew_since is not None:
            given |= {"prompt": "login", "max_age": "0"}
        joint = "&" if urlsplit(provider.authorization_endpoint).query else "?"
        return f"{provider.authorization_endpoint}{joint}{urlencode(given)}"

    async def identity(self, asked: Asked, *, state: str, code: str, issuer: str) -> Identity:
        """Who came back with this code. issuer: as the answer names it (RFC 9207), or nothing.

        Raises: NotVouched, NoService
        """
        if not code or not same(state, asked.state) or issuer not in ("", self._issuer):
            raise NotVouched("state or issuer")
        provider = await self._described()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "code_verifier": asked.verifier,
            "client_id": self._client,
        }
        token = await self._token(provider, form)
        claims = await self._claims(provider, token, asked.nonce)
        shown_at = self._shown_at(claims, asked.anew_since)
        listed = claims.get(self._claim, ())
        return Identity(
            issuer=self._issuer,
            subject=str(claims["sub"])[:255],
            claimed=tuple(str(one) for one in listed) if isinstance(listed, list) else (str(listed),),
            strong=bool(STRONG & set(claims.get("amr") or ())),
            shown_at=shown_at,
        )

    async def _token(self, provider: Provider, form: dict[str, str]) -> str:
        auth = httpx.BasicAuth(self._client, self._secret) if self._secret else None
        answer = await _fetch("POST", provider.token_endpoint, data=form, auth=auth)
        if answer.status_code in (400, 401):
            raise NotVouched(f"token endpoint: {answer.status_code}")
        try:
            return str(answer.raise_for_status().json()["id_token"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise NoService("token endpoint") from error

    async def _claims(self, provider: Provider, token: str, nonce: str) -> dict[str, Any]:
        """The claims of a token that is signed by the service, for us, now, and for this one sign-in."""
        try:
            found = await self._decoded(provider, token)
            jwt.JWTClaimsRegistry(
                now=self._now,
                leeway=LEEWAY_S,
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": self._client},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(found)
        except (JoseError, ValueError) as error:
            raise NotVouched(type(error).__name__) from error
        if isinstance(found["aud"], list) and len(found["aud"]) > 1 and found.get("azp") != self._client:
            raise NotVouched("azp")
        return found

    def _shown_at(self, claims: dict[str, Any], anew_since: int | None) -> datetime | None:
        """By `auth_time`, which a service must tell when it was asked for a sign-in that is fresh (Core 3.1.3.7, 2)."""
        told, now = claims.get("auth_time"), self._now()
        if told is None and anew_since is None:
            return None
        if not isinstance(told, int | float) or not 0 <= told <= now + LEEWAY_S:
            raise NotVouched("auth_time")
        if anew_since is not None and told < anew_since - LEEWAY_S:
            raise NotVouched("not anew")
        return datetime.fromtimestamp(min(told, now), UTC)

    async def _decoded(self, provider: Provider, token: str) -> dict[str, Any]:
        fresh = self._keys is None
        self._keys = self._keys or await _keys(provider)
        try:
            return dict(jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims)
        except (JoseError, ValueError):
            if fresh:
                raise
        self._keys = await _keys(provider)  # it may have changed its keys since
        return dict(jwt.decode(token, self._keys, algorithms=ALGORITHMS).claims)

    async def _described(self) -> Provider:
        if self._provider is None:
            answer = await _fetch("GET", f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            try:
                found = msgspec.json.decode(answer.raise_for_status().content, type=Provider)
            except (httpx.HTTPError, msgspec.DecodeError) as error:
                raise NoService("description") from error
            if found.issuer != self._issuer:
                raise NoService(f"it calls itself {found.issuer[:200]!r}")
            if not all(map(_safe, (found.authorization_endpoint, found.token_endpoint, found.jwks_uri))):
                raise NoService("an address of it is not https")
            self._provider = found
        return self._provider


def _safe(url: str) -> bool:
    """https, or a service on this machine."""
    found = urlsplit(url)
    return found.scheme == "https" or (found.scheme == "http" and found.hostname in LOOPBACK)


async def _keys(provider: Provider) -> KeySet:
    answer = await _fetch("GET", provider.jwks_uri)
    try:
        return KeySet.import_key_set(answer.raise_for_status().json())
    except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
        raise NoService("keys") from error


async def _fetch(method: str, url: str, **more: Any) -> httpx.Response:
    """Follows nobody elsewhere. Raises: NoService"""
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            return await client.request(method, url, headers={"accept": "application/json"}, **more)
    except httpx.HTTPError as error:
        raise NoService(url) from error
