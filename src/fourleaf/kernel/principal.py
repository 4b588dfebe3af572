# SPDX-License-Identifier: Apache-2.0
"""Principal: who asks. Filled by app's middleware, read by web.py."""

import msgspec


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    labels: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
