# SPDX-License-Identifier: Apache-2.0
"""Feed sign: makes the signed files of a one-way feed, inside the closed network; needs no database and no network."""

import json
import os
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from fourleaf.app.speech import Speech

FORMATS = {".csv": "csv", ".json": "json"}


def command(
    key: Annotated[Path, typer.Argument(help="File of the secret key. 密钥文件")],
    feed: Annotated[str, typer.Argument(help="Key of the feed, such as metro. 数据接入名")] = "",
    file: Annotated[Path | None, typer.Argument(help="CSV or JSON to be sent. 待送文件")] = None,
    to: Annotated[Path, typer.Option(help="Folder for the signed file. 输出目录")] = Path("."),
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make the key and print its public half. 生成密钥")
    ] = False,
) -> None:
    """Sign a file of a one-way feed, or make the key for it. 为单向数据文件签名."""
    speech = Speech(None)
    raise typer.Exit(make_key(key, speech) if new_key else sign(key, feed, file, to, speech))


def make_key(file: Path, speech: Speech) -> int:
    """A new secret key in a file that only its owner may read; the public half is printed. Gives the exit code."""
    ed25519 = import_module("cryptography.hazmat.primitives.asymmetric.ed25519")
    if file.exists():
        speech.fail(f"{file} 已存在", f"{file} is there already")
        return 1
    made = ed25519.Ed25519PrivateKey.generate()
    _write(file, b64encode(made.private_bytes_raw()) + b"\n")
    speech.say("公钥（写入声明的 public_key）：", "The public key, for public_key of the declaration:")
    print(b64encode(made.public_key().public_bytes_raw()).decode())
    return 0


def sign(key: Path, feed: str, file: Path | None, to: Path, speech: Speech) -> int:
    """Sign one file under the next counter, which is kept beside the key. Gives the exit code."""
    if not feed or file is None or file.suffix not in FORMATS:
        speech.fail("须写数据接入名和一个 .csv 或 .json 文件", "Name the feed and a .csv or .json file")
        return 1
    try:
        secret, body = _key(key), file.read_bytes()
    except (OSError, Error, ValueError) as error:
        speech.fail(f"无法读取：{error}", f"Cannot be read: {error}")
        return 1
    rule: Callable[..., bytes] = import_module("fourleaf.engines.sensing.rules.feed_signed").sign
    counter = _next(key, feed)
    made = to / f"{feed}-{counter:08d}.json"
    # The counter is spent before the file is there: a crash leaves a gap, which is seen, and never the same number twice.
    _write(made, rule(secret, feed, counter, FORMATS[file.suffix], body))
    speech.say(f"已签名：{made}", f"Signed: {made}")
    return 0


def _key(file: Path) -> Any:
    ed25519 = import_module("cryptography.hazmat.primitives.asymmetric.ed25519")
    return ed25519.Ed25519PrivateKey.from_private_bytes(b64decode(file.read_text("ascii").strip(), validate=True))


def _next(key: Path, feed: str) -> int:
    file = key.with_name(f"{key.name}.counters")
    counters: dict[str, int] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    counters[feed] = counters.get(feed, 0) + 1
    _write(file, json.dumps(counters, sort_keys=True).encode() + b"\n")
    return counters[feed]


def _write(file: Path, data: bytes) -> None:
    """At once and whole: who watches the folder never takes half of it."""
    draft = file.with_name(f".{file.name}.part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    draft.rename(file)
