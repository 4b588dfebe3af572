# SPDX-License-Identifier: Apache-2.0
"""Principal: who asks. Filled by app's middleware, read by web.py."""

import msgspec


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """labels: what it sees; permissions: what it may do; roles: the posts both come from."""

    id: str
    labels: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
