# SPDX-License-Identifier: Apache-2.0
"""Description: what the OpenAPI document says of every address besides its own answer: the problems, and who may ask."""

import inspect
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from litestar import Response, Router
from litestar._openapi.schema_generation.plugins.struct import StructSchemaPlugin
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, Schema, SecurityScheme
from litestar.typing import FieldDefinition

from fourleaf import __version__


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """The same in Chinese and English: what is wrong, and the one thing to do."""

    zh: str
    en: str


class Wrong(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong in what was sent. wrong: in the parser's own words."""

    wrong: str
    detail: Sentence
    field: str = ""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Problem details after RFC 9457; `detail` in two languages. The codes stand in docs/refusals.md."""

    type: str
    title: str
    status: int
    code: str
    detail: Sentence
    field: str = ""
    given: dict[str, Any] = {}
    errors: list[Wrong] = []


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The clock of a run. Unit: speeds in edition seconds a second; waiting_s in wall seconds."""

    now: datetime
    speed: float
    speed_reached: float
    # How long the oldest thing due of a rehearsal has waited; null when nobody tells.
    waiting_s: float | None
    state: str
    ends_at: datetime | None
    kind: str
    sample: float
    seed: int | None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A run among the others. totals: entries, exits and the highest number inside; empty when they cannot be read."""

    run: str
    edition: str
    name: Sentence
    kind: str
    state: str
    seed: int | None
    sample: float
    speed: float
    speed_reached: float
    day: date | None
    started_at: datetime
    now: datetime
    ends_at: datetime | None
    totals: dict[str, int]


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """One thing on the map. Past stale_at it is unknown."""

    layer: str
    thing: str
    place: str
    props: dict[str, Any]
    stale_at: datetime | None


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What the map shows, and the position to follow the stream from; a past instant has none."""

    position: str | None
    at: datetime
    things: list[Thing]


class VenueDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The venue. Shape: features by kind, each a GeoJSON feature collection."""

    hash: str
    levels: list[dict[str, Any]]
    features: dict[str, dict[str, Any]]


# A sentence ends at a full stop with a gap behind it; names have none.
FIRST_SENTENCE = re.compile(r"(?<=\.)\s")

_ANY = {
    400: "The path, the query or the body is malformed.",
    401: "The token is of no device of this run.",
    403: "Not for this principal, or sent by a page of another site.",
    404: "There is no such run or thing.",
    421: "Asked under a host name that is not ours.",
    503: "The database is away, or the run is being rebuilt. Repeat after Retry-After.",
}
_WRITING = {
    408: "The body did not arrive within a minute.",
    409: "The request id came before with other input.",
    413: "The body is over the limit.",
    422: "Understood and refused: the code says why.",
    429: "Too much in a short time. Repeat after Retry-After.",
}


def answers(what: Any, says: str) -> Mapping[int, ResponseSpec]:
    """What an address answers with, where its handler's own type does not say it."""
    return {200: ResponseSpec(what, generate_examples=False, description=says)}


UNCHANGED = {304: ResponseSpec(None, generate_examples=False, description="As you have it already.")}


def described(handlers: Iterable[Any]) -> list[Any]:
    """The same handlers, each with a sentence of what it does, declaring the problems it may answer with."""
    found = list(handlers)
    for handler in found:
        if isinstance(handler, HTTPRouteHandler):
            problems = _ANY | (_WRITING if handler.http_methods & {"POST", "PUT", "PATCH", "DELETE"} else {})
            own = dict(handler.responses or {})
            handler.responses = {status: _problem(says) for status, says in problems.items()} | own
            says = inspect.cleandoc(handler.fn.__doc__ or "")
            handler.summary = (
                handler.summary or " ".join(FIRST_SENTENCE.split(says, maxsplit=1)[0].split()).removesuffix(".") or None
            )
            handler.description = handler.description or says or None
    return found


def _problem(says: str) -> ResponseSpec:
    return ResponseSpec(Problem, generate_examples=False, description=says, media_type="application/problem+json")


REFUSED = {422: _problem(_WRITING[422])}


class StrictStructs(StructSchemaPlugin):
    """Also says of a body that it takes no other fields."""

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        schema = super().to_openapi_schema(field_definition, schema_creator)
        if field_definition.annotation.__struct_config__.forbid_unknown_fields:
            schema.additional_properties = False
        return schema


def config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Fourleaf",
        version=__version__,
        render_plugins=[JsonRenderPlugin()],
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, after_request=_no_page_of_its_own),
        components=Components(
            security_schemes={
                "device": SecurityScheme(
                    type="http", scheme="bearer", description="The token of a lane or a hall door."
                )
            }
        ),
        # A token, or none: until sign-in exists everybody on the loopback address is the office.
        security=[{"device": []}, {}],
    )


def _no_page_of_its_own(response: Response[Any]) -> Response[Any]:
    """Litestar has its own page for an unknown address below /schema; ours is a problem like any other."""
    if response.status_code == 404:
        raise NotFoundException
    return response
