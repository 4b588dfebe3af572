# SPDX-License-Identifier: Apache-2.0
"""Logs: one JSON object a line on standard error, with the fact's position when given."""

import logging
import logging.config
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec

# What a record carries by itself; everything else was given by the caller as `extra`.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
CHATTY = ("httpx", "httpcore", "granian.access", "psycopg.pool")
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


def scheme(process: str) -> dict[str, Any]:
    """The same as a logging.config dictionary, for a server that sets up its own worker processes."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "fourleaf.app.logs.JsonLines", "process": process}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["lines"], "level": "INFO"},
        # A request a line would drown the rest.
        "loggers": {name: {"level": "WARNING"} for name in CHATTY} | {"_granian": {"level": "INFO"}},
    }


def set_up(process: str, *, stream: TextIO | None = None) -> None:
    """Send every logger of this process to JSON lines: `log.info("appended", extra={"position": …})`."""
    logging.config.dictConfig(scheme(process))
    if stream:
        handler = logging.getLogger().handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
