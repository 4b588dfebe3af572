# SPDX-License-Identifier: Apache-2.0
"""The browser decides as the server does: all vectors of the rule table, in chromium."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Page

from fourleaf.ui import STATIC
from tests.engines.admission.vectors import FILE

pytestmark = pytest.mark.browser

# In one go, for a call from test to page costs more than a thousand decisions. Gives the vectors that are decided otherwise.
DECIDE_ALL = """async ([address, text]) => {
  const { decide } = await import(address);
  const { fine, tables, vectors } = JSON.parse(text);
  return vectors.filter(([table, differs, row]) => {
    const { "-": missing, ...other } = differs;
    const known = { ...fine, ...other };
    delete known[missing];
    return decide(tables[table].rows, known).id !== row;
  });
}"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *said: object) -> None:
        """Say nothing."""


@pytest.fixture
def statics() -> Iterator[str]:
    """The static files alone: to decide needs no server of ours."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(STATIC)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_browser_decides_every_vector_as_the_server_does(page: Page, statics: str) -> None:
    page.goto(f"{statics}/clover.svg")

    wrong = page.evaluate(DECIDE_ALL, [f"{statics}/gate/decide.js", FILE.read_text("utf-8")])

    assert wrong == []


def test_the_browser_takes_an_unknown_operator_for_a_mistake(page: Page, statics: str) -> None:
    page.goto(f"{statics}/clover.svg")

    said = page.evaluate(
        "async (address) => { const { holds } = await import(address);"
        " try { return holds({}, ['constructor', 'like', 1]); } catch (error) { return error.message; } }",
        f"{statics}/gate/decide.js",
    )

    assert said == "no such operator: like"
