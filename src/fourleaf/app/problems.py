# SPDX-License-Identifier: Apache-2.0
"""Problems: every error at the edge as RFC 9457 problem details, in Chinese and English."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import psycopg
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect
from psycopg.errors import InvalidSchemaName, UndefinedTable
from psycopg_pool import PoolTimeout

from fourleaf.app.rooms import rooms
from fourleaf.app.sign_in import proof
from fourleaf.app.wrong import wrong
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import RequestConflict, StaleStream
from fourleaf.ui import words
from fourleaf.ui.answers import Refused
from fourleaf.ui.format import LANGS
from fourleaf.ui.pages import page_of, problem_page, wants_page

log = logging.getLogger("fourleaf.web")

_SOURCE = Path(__file__).parents[1]
Anything = Request[Any, Any, Any]

# HTTP status -> the refusal that says what to do about it
_BY_STATUS = {
    400: "request.invalid",
    401: "request.unknown-device",
    403: "request.not-allowed",
    404: "request.not-found",
    405: "request.method",
    413: "request.too-large",
    429: "request.too-many",
    503: "request.later",
}


class Sentences:
    """The refusal sentences of every room, by code."""

    def __init__(self) -> None:
        folders = [Path(__file__).parent / "messages"]
        folders += [_SOURCE / name / "messages" for name in ("vault", "blobs")]
        folders += [_SOURCE / "engines" / name / "messages" for name in rooms().engines]
        self._words = {lang: words.read(lang, *(folder for folder in folders if folder.is_dir())) for lang in LANGS}

    def of(self, refusal: Refusal) -> dict[str, str]:
        return {lang: spoken(f"refusal.{refusal.code}", **refusal.detail) for lang, spoken in self._words.items()}

    def wrong(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return wrong(item, self._words)


class Problems:
    """Exception handlers."""

    def __init__(self) -> None:
        self._sentences = Sentences()
        # How often this process answered that something is wrong on our side, by status.
        self.failures: Counter[int] = Counter()

    def handlers(self) -> dict[Any, Any]:
        return {
            Refused: self.refused,
            RequestConflict: lambda request, error: self._problem(request, 409, Refusal("request.conflict")),
            StaleStream: lambda request, error: self._later(request),
            psycopg.Error: self.database,
            PoolTimeout: lambda request, error: self._later(request),
            ValidationException: self.invalid,
            RecursionError: self.malformed,
            UnicodeError: self.malformed,
            HTTPException: self.http,
            Exception: self.crashed,
        }

    def refused(self, request: Anything, error: Refused) -> Response[Any]:
        if error.refusal.code == "request.sign-in" and wants_page(request):
            asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return Redirect(f"/sign-in?{urlencode({'next': asked})}", status_code=303)
        if error.refusal.code == "request.prove-again" and "text/html" in request.headers.get("accept", ""):
            return proof.asking(request)
        return self._problem(request, error.status, error.refusal, headers=error.headers)

    def invalid(self, request: Anything, error: ValidationException) -> Response[Any]:
        extra = error.extra if isinstance(error.extra, list) else []
        items = [item for item in extra if isinstance(item, dict)] or [{"message": error.detail}]
        return self._wrong(request, items)

    def malformed(self, request: Anything, error: Exception) -> Response[Any]:
        """A body so deep or so coded that no parser takes it."""
        return self._wrong(request, [{"message": "malformed"}])

    def _wrong(self, request: Anything, items: Sequence[Mapping[str, Any]]) -> Response[Any]:
        errors = [self._sentences.wrong(item) for item in items]
        return self._problem(request, 400, Refusal("request.invalid"), {"errors": errors})

    def http(self, request: Anything, error: HTTPException) -> Response[Any]:
        if error.status_code >= 500 and error.status_code not in _BY_STATUS:
            return self.crashed(request, error)
        if error.status_code == 400:
            return self._wrong(request, [{"message": error.detail}])
        code = _BY_STATUS.get(error.status_code, "request.invalid")
        challenge = {"WWW-Authenticate": "Bearer"} if error.status_code == 401 else {}
        return self._problem(request, error.status_code, Refusal(code), headers=challenge | dict(error.headers or {}))

    def database(self, request: Anything, error: psycopg.Error) -> Response[Any]:
        """A database that is away or busy is a matter of time, and so is a run that was dropped under the request.

        Any other error of it is ours.
        """
        if isinstance(error, UndefinedTable | InvalidSchemaName) and "run" in request.path_params:
            if not _stands(request):
                return self._problem(request, 404, Refusal("request.not-found"))
            log.error("a table is missing", exc_info=error, extra={"path": request.url.path})
            return self._later(request)
        away = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        if not away:
            return self.crashed(request, error)
        log.warning("database away: %s", error, extra={"path": request.url.path})
        return self._later(request)

    def crashed(self, request: Anything, error: Exception) -> Response[Any]:
        log.error("crashed", exc_info=error, extra={"path": request.url.path})
        return self._problem(request, 500, Refusal("request.crashed"))

    def _later(self, request: Anything) -> Response[Any]:
        return self._problem(request, 503, Refusal("request.later"), headers={"Retry-After": "2"})

    def _problem(
        self,
        request: Anything,
        status: int,
        refusal: Refusal,
        extra: dict[str, Any] | None = None,
        headers: Any = None,
    ) -> Response[Any]:
        said = self._sentences.of(refusal)
        if status >= 500:
            self.failures[status] += 1
        if wants_page(request):
            return problem_page(page_of(request), status, said, headers)
        body: dict[str, Any] = {
            "type": f"urn:fourleaf:refusal:{refusal.code}",
            "title": said["en"],
            "status": status,
            "code": refusal.code,
            "detail": said,
        }
        if refusal.field:
            body["field"] = refusal.field
        if refusal.detail:
            body["given"] = refusal.detail
        return Response(
            msgspec.json.encode(body | (extra or {})),
            status_code=status,
            media_type="application/problem+json",
            headers=dict(headers or {}),
        )


def _stands(request: Anything) -> bool:
    """Whether the run of the address was there when the list of runs was read last, up to half a second ago."""
    run = request.path_params["run"]
    return run in {beat.run.run for beat in request.app.state.office.directory.listed()}
