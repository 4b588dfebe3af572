# SPDX-License-Identifier: Apache-2.0
"""Settings: everything the environment may say, checked once at the door."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from fourleaf.app import variables
from fourleaf.app.variables import BadSetting
from fourleaf.kernel.outside import Outside

CLONE = Path(__file__).resolve().parents[3]
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost", "testserver.local"})
# Where a rehearsal answers to pulls, in the place of other bodies: asked by rehearsals alone, and only where nobody signs in.
# Several may go on at a time on one machine.
REHEARSED = frozenset(f"127.0.0.1:{port}" for port in range(18650, 18660))


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    # Any PostgreSQL 15 or newer; without it a server of our own is started in the data folder.
    database_url: str | None = None
    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = 1
    # auto | embedded | system | system-<major>
    pg: str = "auto"
    # The broker that devices speak to by MQTT; without it one of our own is started.
    nats_url: str | None = None
    # Where devices reach it. cert, key: files for TLS, when they come over a network.
    mqtt_host: str = "127.0.0.1"
    mqtt_port: int = 1883
    mqtt_cert: Path | None = None
    mqtt_key: Path | None = None
    # auto: whoever comes to a loopback address need not sign in, anybody else must | required
    sign_in: str = "auto"
    # The address people type, such as https://fair.example: of a proxy in front of us, or our own on a network.
    url: str | None = None
    # The file of the vault's master key; by default it lies in the data folder.
    vault_key: Path | None = None
    # Another sign-in service that may vouch for people: its issuer, what it calls us, the file of the secret it gave us,
    # and the claim that gives roles.
    oidc_issuer: str | None = None
    oidc_client: str = ""
    oidc_secret: Path | None = None
    oidc_claim: str = "groups"
    # File outside of the data folder that the head of every seal is appended to.
    seals: Path | None = None
    # Hosts that feeds may be pulled from, and networks of our own that these may lie in.
    feed_hosts: tuple[str, ...] = ()
    feed_private: tuple[str, ...] = ()
    # Networks of proxies of ours: only what these say is believed of where a request comes from.
    proxies: tuple[str, ...] = ()
    # Streams that a session and an address may hold open at once in one process of the web.
    session_streams: int = 20
    address_streams: int = 500
    # A file with the token that whoever reads the metrics sends.
    metrics_token: Path | None = None
    # A session that a card began ends when it was left alone for so long, unless it only looks.
    card_idle_s: int = 1_800

    @property
    def vault_file(self) -> Path:
        return self.vault_key or self.data / "vault.key"

    @property
    def outside(self) -> Outside:
        """What feeds may reach: files under `feeds/<run>/<feed>/in`, and hosts that are named."""
        own = frozenset() if self.requires_sign_in else REHEARSED
        hosts, private = frozenset(self.feed_hosts), self.feed_private
        return Outside(folder=str(self.data / "feeds"), hosts=hosts, private=private, rehearsals=own)

    @property
    def names(self) -> frozenset[str]:
        """The host names under which this server may be called."""
        public = {urlsplit(self.url).hostname or ""} if self.url else set[str]()
        return LOOPBACK | {self.host.strip("[]")} | public

    @property
    def https(self) -> bool:
        return self.url is not None and self.url.startswith("https://")

    @property
    def requires_sign_in(self) -> bool:
        """Nobody but this machine's own users comes unsigned."""
        return self.sign_in == "required" or not self.names <= LOOPBACK

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read FOURLEAF_* from the environment.

        Raises: BadSetting.
        """
        said = os.environ if environ is None else environ
        data = Path(said.get("FOURLEAF_DATA") or default_data()).expanduser().resolve()
        return cls(
            database_url=said.get("FOURLEAF_DATABASE_URL") or None,
            data=data,
            host=said.get("FOURLEAF_HOST") or "127.0.0.1",
            port=variables.number(said, "FOURLEAF_PORT", 8000, 1, 65535),
            web_workers=variables.number(said, "FOURLEAF_WEB_WORKERS", 1, 1, 64),
            pg=variables.flavor(said.get("FOURLEAF_PG") or "auto"),
            nats_url=variables.broker(said.get("FOURLEAF_NATS_URL") or None),
            mqtt_host=said.get("FOURLEAF_MQTT_HOST") or "127.0.0.1",
            mqtt_port=variables.number(said, "FOURLEAF_MQTT_PORT", 1883, 1, 65535),
            mqtt_cert=variables.readable("FOURLEAF_MQTT_CERT", said.get("FOURLEAF_MQTT_CERT")),
            mqtt_key=variables.readable("FOURLEAF_MQTT_KEY", said.get("FOURLEAF_MQTT_KEY")),
            sign_in=variables.sign_in(said.get("FOURLEAF_SIGN_IN") or "auto"),
            url=_url(said.get("FOURLEAF_URL") or None),
            vault_key=variables.file_of(said.get("FOURLEAF_VAULT_KEY")),
            oidc_issuer=_issuer(said.get("FOURLEAF_OIDC_ISSUER") or None, said.get("FOURLEAF_OIDC_CLIENT")),
            oidc_client=said.get("FOURLEAF_OIDC_CLIENT") or "",
            oidc_secret=variables.readable("FOURLEAF_OIDC_SECRET", said.get("FOURLEAF_OIDC_SECRET")),
            oidc_claim=said.get("FOURLEAF_OIDC_CLAIM") or "groups",
            seals=variables.outside(said.get("FOURLEAF_SEALS") or None, data),
            feed_hosts=variables.hosts(said.get("FOURLEAF_FEED_HOSTS") or ""),
            feed_private=variables.networks("FOURLEAF_FEED_PRIVATE", said.get("FOURLEAF_FEED_PRIVATE") or ""),
            proxies=variables.networks("FOURLEAF_PROXIES", said.get("FOURLEAF_PROXIES") or ""),
            session_streams=variables.number(said, "FOURLEAF_SESSION_STREAMS", 20, 1, 100_000),
            address_streams=variables.number(said, "FOURLEAF_ADDRESS_STREAMS", 500, 1, 100_000),
            metrics_token=variables.token("FOURLEAF_METRICS_TOKEN", said.get("FOURLEAF_METRICS_TOKEN")),
            card_idle_s=variables.number(said, "FOURLEAF_CARD_IDLE_S", 1_800, 120, 57_600),
        )

    def environment(self) -> dict[str, str]:
        """The same settings as variables, for a child process."""
        said = {
            "FOURLEAF_DATABASE_URL": self.database_url or "",
            "FOURLEAF_DATA": str(self.data),
            "FOURLEAF_HOST": self.host,
            "FOURLEAF_PORT": str(self.port),
            "FOURLEAF_WEB_WORKERS": str(self.web_workers),
            "FOURLEAF_PG": self.pg,
            "FOURLEAF_NATS_URL": self.nats_url or "",
            "FOURLEAF_MQTT_HOST": self.mqtt_host,
            "FOURLEAF_MQTT_PORT": str(self.mqtt_port),
            "FOURLEAF_MQTT_CERT": str(self.mqtt_cert or ""),
            "FOURLEAF_MQTT_KEY": str(self.mqtt_key or ""),
            "FOURLEAF_SIGN_IN": self.sign_in,
            "FOURLEAF_URL": self.url or "",
            "FOURLEAF_VAULT_KEY": str(self.vault_key or ""),
            "FOURLEAF_OIDC_ISSUER": self.oidc_issuer or "",
            "FOURLEAF_OIDC_CLIENT": self.oidc_client,
            "FOURLEAF_OIDC_SECRET": str(self.oidc_secret or ""),
            "FOURLEAF_OIDC_CLAIM": self.oidc_claim,
            "FOURLEAF_SEALS": str(self.seals or ""),
            "FOURLEAF_FEED_HOSTS": ",".join(self.feed_hosts),
            "FOURLEAF_FEED_PRIVATE": ",".join(self.feed_private),
            "FOURLEAF_PROXIES": ",".join(self.proxies),
            "FOURLEAF_SESSION_STREAMS": str(self.session_streams),
            "FOURLEAF_ADDRESS_STREAMS": str(self.address_streams),
            "FOURLEAF_METRICS_TOKEN": str(self.metrics_token or ""),
            "FOURLEAF_CARD_IDLE_S": str(self.card_idle_s),
        }
        return {**os.environ, **said}


def default_data() -> Path:
    """A folder of this clone's own, outside of it."""
    key = hashlib.sha256(os.fsencode(CLONE)).hexdigest()[:12]
    if os.geteuid() == 0:
        return Path("/var/lib/fourleaf") / key
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "fourleaf" / key


def _url(value: str | None) -> str | None:
    found = urlsplit(value or "")
    if value is None or (
        found.scheme in ("http", "https") and found.hostname and found.path in ("", "/") and not found.query
    ):
        return value.rstrip("/") if value else None
    raise BadSetting(
        "FOURLEAF_URL",
        value,
        en="must be an address without a path, such as https://fair.example.",
        zh="须为不带路径的网址，例如 https://fair.example。",
    )


def _issuer(value: str | None, client: str | None) -> str | None:
    """An https address, or one of this machine; and the name it knows us by."""
    if value is None:
        return None
    found = urlsplit(value)
    safe = found.scheme == "https" or (found.scheme == "http" and found.hostname in LOOPBACK)
    if not safe or not found.hostname or found.query or found.fragment:
        raise BadSetting(
            "FOURLEAF_OIDC_ISSUER",
            value,
            en="must be an https address, as the service itself writes it, such as https://login.example.",
            zh="须为 https 网址，与登录服务自称的一致，例如 https://login.example。",
        )
    if not client:
        raise BadSetting(
            "FOURLEAF_OIDC_CLIENT",
            "",
            en="must be the client id that the service of FOURLEAF_OIDC_ISSUER gave us.",
            zh="须为 FOURLEAF_OIDC_ISSUER 的登录服务分配的客户端编号。",
        )
    return value
