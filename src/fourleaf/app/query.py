# SPDX-License-Identifier: Apache-2.0
"""Query: a name in the query that an address does not take is refused, as an unknown field of a body is.

So it is at every address of the OpenAPI document; pages take what other pages hand on. A handler that reads names of
its own accord says so by `free_query`.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import ValidationException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import Guard

# So many mistakes are named, each by so much of its name.
NAMED = 10
LONGEST = 60


def query_guard() -> Guard:
    """Make the guard. What a handler and what it depends on take is worked out with its first question."""
    known: dict[BaseRouteHandler, frozenset[str]] = {}

    async def check_query(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Raises: ValidationException"""
        if not connection.scope["query_string"] or not isinstance(handler, HTTPRouteHandler):
            return
        if not handler.resolve_include_in_schema() or handler.opt.get("free_query"):
            return
        if handler not in known:
            model = handler.create_kwargs_model(path_parameters=connection.path_params)
            known[handler] = frozenset(one.field_alias for one in model.expected_query_params)
        _refuse([name for name in connection.query_params if name not in known[handler]])

    return check_query


def _refuse(names: list[str]) -> None:
    found = list(dict.fromkeys(name[:LONGEST] for name in names))[:NAMED]
    if found:
        said = [{"key": name, "message": f"Object contains unknown field `{name}`"} for name in found]
        raise ValidationException("unknown names in the query", extra=said)
