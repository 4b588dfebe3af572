# SPDX-License-Identifier: Apache-2.0
"""A stand-in for web and worker, and a whole `up` around it in a process of its own, for tests that kill."""

import http.server
import signal
import sys
import threading
import time
from pathlib import Path

from rich.console import Console

from fourleaf.app.children import follow_parent
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech, foreseen
from fourleaf.app.supervise import Rehearsal, Up


class Fine(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")


class Acting:
    run = "test.r1"

    def __init__(self, act: str) -> None:
        """act: how the world outside ends, as an exit code; or what it says of itself at its end; or `wait`: it does not."""
        code = f"raise SystemExit({act})" if act.isdecimal() else f"print({act!r})"
        ends = act.isdecimal() or act.startswith("{")
        self.command = [sys.executable, "-c", code] if ends else [sys.executable, "-m", "tests.app.outside", act]


def serve() -> None:
    settings = Settings.read()
    follow_parent()
    http.server.ThreadingHTTPServer((settings.host, settings.port), Fine).serve_forever()


def wait() -> None:
    follow_parent()
    while True:
        time.sleep(1)


def stubborn() -> None:
    """A worker that does not end when asked, not even when its supervisor is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("deaf", flush=True)
    threading.Event().wait()


def fall() -> None:
    print("it does not work", flush=True)
    raise SystemExit(3)


def up(web: str, worker: str, rehearsal: str) -> None:
    own = {name: [sys.executable, "-m", "tests.app.outside", act] for name, act in (("web", web), ("worker", worker))}

    def begin(settings: Settings, edition: Path, url: str) -> Rehearsal:
        return Acting(rehearsal)

    starting = Up(Settings.read(), Speech("en", Console(force_terminal=False, width=400)), own)
    starting.patience_s = 1.0
    with foreseen():
        raise SystemExit(starting.run(Path(), lambda settings, edition: "test", begin if rehearsal else None))


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    if name == "up":
        up(*arguments)
    {"serve": serve, "wait": wait, "stubborn": stubborn, "fall": fall}[name]()
