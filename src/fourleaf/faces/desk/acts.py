# SPDX-License-Identifier: Apache-2.0
"""Acts on the desk: what a register declares is done to so many of a thing, from its page or from the table."""

from typing import Any
from urllib.parse import quote

from litestar import Response, post

from fourleaf.engines.world import actions
from fourleaf.engines.world.web.venue import Name
from fourleaf.faces.desk.pages import item_of, thing_page
from fourleaf.faces.desk.visits import WRITING, Anything, Form, Visit, led, whole_number
from fourleaf.kernel.refusal import Refusal

# Whoever came from the table goes back to it as it was filtered and sorted; longer addresses lead to the whole table.
_LONGEST = 2_000


@post(
    "/r/{run:str}/desk/registers/{register:str}/things/{item:str}/acts/{act:str}",
    include_in_schema=False,
    dependencies=WRITING,
)
async def do(visit: Visit, request: Anything, item: Name, act: Name) -> Response[Any]:
    """Lend, return, hand out: as the register declares."""
    form = await Form.of(request)
    count = whole_number(form["count"].strip() or "1")
    asked = visit.asked(form, item, [f"act:{act}", item, count])

    async def again(refusal: Refusal) -> Response[str]:
        return await thing_page(visit, await item_of(visit, item), refusal=refusal)

    return await led(await actions.act(visit.site, asked, act, count), _back(visit, form, item), again)


def _back(visit: Visit, form: Form, item: str) -> str:
    """To where the form stood, on the same desk whatever it says."""
    if form["from"] != "table":
        return f"../../{quote(item)}?done=acted"
    said = form["back"].removeprefix("?")
    kept = f"{said}&" if said and len(said) < _LONGEST and said.isascii() and said.isprintable() else ""
    return f"{visit.at}?{kept}act.done={quote(item)}"


HANDLERS = (do,)
