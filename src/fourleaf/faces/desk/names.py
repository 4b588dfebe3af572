# SPDX-License-Identifier: Apache-2.0
"""Names: what the things are called that others refer to, for whoever may see them."""

from collections.abc import Iterable, Mapping
from typing import Any

from fourleaf.engines.world import store
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.rules.asking import may_see
from fourleaf.faces.desk.cells import Names, referred
from fourleaf.kernel.labels import visible
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.pool import Connection
from fourleaf.ui.format import Lang


async def names(
    connection: Connection,
    principal: Principal,
    register: Register,
    values: Iterable[Mapping[str, Any]],
    lang: Lang,
) -> Names:
    """Shape: (of what, id) -> name. What has no name, or none that this one may see, is left out."""
    wanted = {spot for one in values for field in register.fields for spot in referred(field, one.get(field.key))}
    if not wanted:
        return {}
    registers = {key: one for key, one in (await store.registers(connection)).items() if may_see(principal, one)}
    found = dict[tuple[str, str], str]()
    for of, id_, fields, name, see in await store.referred(connection, wanted):
        if fields is not None and of in registers:
            found[of, id_] = registers[of].called(id_, fields, lang)
        elif name and (see is None or visible(tuple(see), principal.labels)):
            found[of, id_] = name[lang]
    return found
