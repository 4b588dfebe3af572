# SPDX-License-Identifier: Apache-2.0
"""Logs: one JSON object a line on standard error, with the fact's position when given."""

import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

import msgspec

# What a record carries by itself; everything else was given by the caller as `extra`.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_encode = msgspec.json.Encoder(enc_hook=str).encode


class JsonLines(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__()
        self.process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self.process,
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return _encode(line).decode()


def set_up(process: str, *, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send every logger of this process to JSON lines: `log.info("appended", extra={"position": …})`."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # A request a line would drown the rest.
    for chatty in ("httpx", "httpcore", "granian.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
