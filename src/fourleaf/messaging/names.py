# SPDX-License-Identifier: Apache-2.0
"""Names: how a device of a run is called at the broker, and under which topics it may speak and listen. Pure."""

import re
from typing import NamedTuple

import msgspec

# What a device says of itself (readings), of its state (also its will), and what it is told (commands).
READINGS, STATE, COMMANDS = "r", "s", "c"
# A level of a topic: a full stop stands between other signs, since the server writes it as an empty level of its own.
_LEVEL = re.compile(r"[^\s/+#*>$.\x00-\x1f]+(?:\.[^\s/+#*>$.\x00-\x1f]+)*")
MOST_SIGNS = 80
_SAFE = re.compile(rb"[^A-Za-z0-9-]")


class Name(NamedTuple):
    """A device of a run."""

    run: str
    device: str

    @property
    def user(self) -> str:
        return f"{self.run}/{self.device}"

    @property
    def client_id(self) -> str:
        """The one client id of a device: nobody else's connection is ended by a second one of the same id.

        The server takes no full stop and no slash in it; written so that the name can be read back from the server's log.
        """
        return _SAFE.sub(lambda sign: b"_%02x" % sign[0][0], self.user.encode()).decode()

    def topic(self, of: str) -> str:
        return f"d/{self.run}/{self.device}/{of}"

    def subject(self, of: str) -> str:
        """The same topic as the server writes it."""
        return ".".join(level.replace(".", "//") for level in ("d", self.run, self.device, of))


class Spoken(NamedTuple):
    """Who said something, and under which of his topics."""

    name: Name
    of: str


class Mqtt(msgspec.Struct, frozen=True, kw_only=True):
    """How a device connects. topics: it publishes readings and state, and subscribes to commands."""

    host: str
    port: int
    tls: bool
    version: str = "3.1.1"
    user: str
    client_id: str
    topics: dict[str, str]
    most_bytes: int


def of_user(user: str) -> Name | None:
    """Whose user name this is; None when it is nobody's."""
    run, _, device = user.partition("/")
    return Name(run, device) if _is_level(run) and _is_level(device) else None


def of_client_id(text: str) -> Name | None:
    """Whose client id this is; None when it is nobody's."""
    try:
        raw = re.sub(rb"_([0-9a-f]{2})", lambda code: bytes([int(code[1], 16)]), text.encode()).decode()
    except UnicodeDecodeError:
        return None
    name = of_user(raw)
    return name if name and name.client_id == text else None


def of_subject(subject: str) -> Spoken | None:
    """Who spoke under this subject of the server's; None when it is no device's."""
    parts = subject.removeprefix("$MQTT.msgs.").split(".")
    if len(parts) != 4 or parts[0] != "d":
        return None
    run, device, of = (part.replace("//", ".") for part in parts[1:])
    return Spoken(Name(run, device), of)


def _is_level(text: str) -> bool:
    return len(text) <= MOST_SIGNS and _LEVEL.fullmatch(text) is not None
