# SPDX-License-Identifier: Apache-2.0
"""Variables: how what the environment says is read, and refused when it cannot be right."""

import os
import re
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?")
# 128 bits in hexadecimal.
SHORTEST_TOKEN = 32
FLAVOR = re.compile(r"auto|embedded|system(-\d+)?")


class BadSetting(Exception):
    """A setting that cannot be right. Names the variable, and what would be."""

    def __init__(self, name: str, value: str, *, zh: str, en: str) -> None:
        self.name, self.zh, self.en = name, f"{name}={value}:{zh}", f"{name}={value}: {en}"
        super().__init__(self.en)


def number(said: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = said.get(name) or str(default)
    if value.isascii() and value.isdecimal() and least <= int(value) <= most:
        return int(value)
    raise BadSetting(
        name, value, en=f"must be a whole number from {least} to {most}.", zh=f"须为 {least} 至 {most} 的整数。"
    )


def file_of(value: str | None) -> Path | None:
    return Path(value).expanduser().resolve() if value else None


def readable(name: str, value: str | None) -> Path | None:
    file = file_of(value)
    if file is None or os.access(file, os.R_OK):
        return file
    raise BadSetting(name, str(file), en="must be a file that can be read.", zh="须为可读的文件。")


def token(name: str, value: str | None) -> Path | None:
    """A file whose text nobody can guess. Raises: BadSetting"""
    found = readable(name, value)
    if found is None or len(found.read_text("utf-8", "replace").strip()) >= SHORTEST_TOKEN:
        return found
    raise BadSetting(
        name,
        str(found),
        en=f"must hold at least {SHORTEST_TOKEN} signs that nobody can guess, such as those of: openssl rand -hex 32",
        zh=f"文件内容须为至少 {SHORTEST_TOKEN} 个无法猜到的字符,例如由此生成:openssl rand -hex 32",
    )


def flavor(value: str) -> str:
    if FLAVOR.fullmatch(value):
        return value
    raise BadSetting(
        "FOURLEAF_PG",
        value,
        en="must be auto, embedded, system or system-<major>, such as system-15.",
        zh="须为 auto、embedded、system 或 system-<主版本>,例如 system-15。",
    )


def broker(value: str | None) -> str | None:
    if value is None or (urlsplit(value).scheme in ("nats", "tls") and urlsplit(value).hostname):
        return value
    raise BadSetting(
        "FOURLEAF_NATS_URL",
        value,
        en="must be the address of a NATS server, such as nats://broker.example:4222.",
        zh="须为 NATS 服务器的地址，例如 nats://broker.example:4222。",
    )


def sign_in(value: str) -> str:
    if value in ("auto", "required"):
        return value
    raise BadSetting("FOURLEAF_SIGN_IN", value, en="must be auto or required.", zh="须为 auto 或 required。")


def outside(value: str | None, data: Path) -> Path | None:
    if value is None:
        return None
    file = Path(value).expanduser().resolve()
    if not file.is_dir() and not file.is_relative_to(data):
        return file
    raise BadSetting(
        "FOURLEAF_SEALS",
        value,
        en=f"must be a file outside of the data folder {data}, best where the database's owner cannot write.",
        zh=f"须为数据目录 {data} 之外的文件，最好放在数据库所有者不能写入之处。",
    )


def hosts(value: str) -> tuple[str, ...]:
    found = _listed(value)
    if all(_HOST.fullmatch(one) for one in found):
        return found
    raise BadSetting(
        "FOURLEAF_FEED_HOSTS",
        value,
        en="must be host names with commas between, such as data.example,counts.example:8443.",
        zh="须为以逗号分隔的主机名，例如 data.example,counts.example:8443。",
    )


def networks(name: str, value: str) -> tuple[str, ...]:
    found = _listed(value)
    try:
        return tuple(str(ip_network(one)) for one in found)
    except ValueError:
        raise BadSetting(
            name,
            value,
            en="must be networks with commas between, such as 10.2.0.0/16,127.0.0.1/32.",
            zh="须为以逗号分隔的网段，例如 10.2.0.0/16,127.0.0.1/32。",
        ) from None


def _listed(value: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in value.split(",") if one.strip())
