# SPDX-License-Identifier: Apache-2.0
"""A sign-in service that lies, or whose answers somebody changed on the way: nobody enters by such a token."""

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from fourleaf.app.settings import Settings
from fourleaf.app.sign_in.oidc import LEEWAY_S, Asked, Identity, NoService, NotVouched, Oidc

KEY, OTHER = (RSAKey.generate_key(2048, {"kid": kid}) for kid in ("known", "unknown"))
ASKED = Asked.new("fair", "/")
NOW = 1_730_768_400


class Service:
    """A provider over HTTP that answers whatever the test wants."""

    def __init__(self) -> None:
        self.token: str | None = None
        self.described: dict[str, Any] = {}
        self.keys = KeySet([KEY]).as_dict(private=False)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(service.keys if self.path == "/jwks" else service.description())

            def do_POST(self) -> None:
                self._answer({"access_token": "a", "token_type": "Bearer", "id_token": service.token})

            def _answer(self, body: Any) -> None:
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        return Handler

    def description(self) -> dict[str, Any]:
        own = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        }
        return own | self.described

    def claims(self, **changed: Any) -> dict[str, Any]:
        true = {"iss": self.issuer, "aud": "fourleaf", "sub": "ann", "nonce": ASKED.nonce, "iat": NOW, "exp": NOW + 60}
        return {name: value for name, value in (true | changed).items() if value is not None}

    def signed(self, key: Any = KEY, algorithm: str = "RS256", **changed: Any) -> str:
        header = {"alg": algorithm, "kid": "known"}
        return jwt.encode(header, self.claims(**changed), key, algorithms=[algorithm])


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


def _oidc(service: Service, tmp_path: Path) -> Oidc:
    return Oidc(Settings(data=tmp_path, oidc_issuer=service.issuer, oidc_client="fourleaf"), now=lambda: NOW)


async def _identity(service: Service, tmp_path: Path) -> Identity:
    return await _oidc(service, tmp_path).identity(ASKED, state=ASKED.state, code="code", issuer="")


async def test_a_true_token_tells_who_it_is(service: Service, tmp_path: Path) -> None:
    service.token = service.signed(groups=["visitors"], amr=["pwd", "mfa"])

    identity = await _identity(service, tmp_path)

    assert identity == Identity(issuer=service.issuer, subject="ann", claimed=("visitors",), strong=True)


async def test_new_keys_of_the_service_are_found(service: Service, tmp_path: Path) -> None:
    oidc = _oidc(service, tmp_path)
    service.token = service.signed()
    await oidc.identity(ASKED, state=ASKED.state, code="code", issuer="")

    service.keys = KeySet([OTHER]).as_dict(private=False)
    service.token = jwt.encode({"alg": "RS256", "kid": "unknown"}, service.claims(), OTHER)
    identity = await oidc.identity(ASKED, state=ASKED.state, code="code", issuer=service.issuer)

    assert identity.subject == "ann"


def _unsigned(service: Service) -> str:
    return f"{_text({'alg': 'none'})}.{_text(service.claims())}."


def _with_the_public_key_as_secret(service: Service) -> str:
    """The oldest trick: whoever checks by the algorithm that the token names takes the public key for the secret."""
    said = f"{_text({'alg': 'HS256', 'kid': 'known'})}.{_text(service.claims())}"
    proof = hmac.digest(KEY.as_pem(private=False), said.encode(), "sha256")
    return f"{said}.{_plain(proof)}"


def _text(part: dict[str, Any]) -> str:
    return _plain(json.dumps(part).encode())


def _plain(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


LIES: dict[str, Callable[[Service], str]] = {
    "unsigned": _unsigned,
    "public key as secret": _with_the_public_key_as_secret,
    "foreign key": lambda service: service.signed(OTHER),
    "for another client": lambda service: service.signed(aud="another"),
    "for many, passed on by another": lambda service: service.signed(aud=["fourleaf", "another"], azp="another"),
    "of another issuer": lambda service: service.signed(iss="https://evil.example"),
    "of another sign-in": lambda service: service.signed(nonce="another"),
    "without nonce": lambda service: service.signed(nonce=None),
    "without subject": lambda service: service.signed(sub=None),
    "expired": lambda service: service.signed(exp=NOW - 3600),
    "from the future": lambda service: service.signed(nbf=NOW + 3600),
    "no token": lambda service: "x",
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_false_token_opens_nothing(service: Service, tmp_path: Path, lie: str) -> None:
    service.token = LIES[lie](service)

    with pytest.raises(NotVouched):
        await _identity(service, tmp_path)


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": 5},
    ],
)
async def test_a_service_that_describes_itself_falsely_is_not_asked(
    service: Service, tmp_path: Path, described: dict[str, Any]
) -> None:
    service.described = described

    with pytest.raises(NoService):
        await _oidc(service, tmp_path).where(ASKED)


async def test_keys_that_are_none_are_no_keys(service: Service, tmp_path: Path) -> None:
    service.token, service.keys = service.signed(), {"keys": [{"kty": "nonsense"}]}

    with pytest.raises(NoService):
        await _identity(service, tmp_path)


async def _anew(service: Service, tmp_path: Path, **claims: Any) -> Identity:
    """Who came back that was sent to show who he is anew."""
    asked = msgspec.structs.replace(ASKED, anew_since=NOW - 100)
    service.token = service.signed(**claims)
    return await _oidc(service, tmp_path).identity(asked, state=asked.state, code="code", issuer="")


@pytest.mark.parametrize(
    "auth_time", [None, NOW - 100 - LEEWAY_S - 1, NOW + LEEWAY_S + 1, str(NOW), True, [NOW], {}, float("1e300"), -1]
)
async def test_who_was_asked_anew_is_refused_where_the_service_does_not_say_that_he_was(
    service: Service, tmp_path: Path, auth_time: Any
) -> None:
    with pytest.raises(NotVouched):
        await _anew(service, tmp_path, auth_time=auth_time)


async def test_who_was_asked_anew_is_taken_with_the_time_when_he_was(service: Service, tmp_path: Path) -> None:
    identities = [await _anew(service, tmp_path, auth_time=at) for at in (NOW - 50, NOW + LEEWAY_S)]

    assert [one.shown_at for one in identities] == [datetime.fromtimestamp(at, UTC) for at in (NOW - 50, NOW)]


async def test_who_is_asked_anew_is_asked_as_the_standard_says(service: Service, tmp_path: Path) -> None:
    asked = msgspec.structs.replace(ASKED, anew_since=NOW)

    there = [parse_qs(urlsplit(await _oidc(service, tmp_path).where(one)).query) for one in (asked, ASKED)]

    assert [(one.get("prompt"), one.get("max_age")) for one in there] == [(["login"], ["0"]), (None, None)]
