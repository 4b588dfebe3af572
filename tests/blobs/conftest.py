# SPDX-License-Identifier: Apache-2.0
"""Files of a run, with a vault beside them."""

from tests.vault.conftest import book, db, folder, master, run, vault, vault_dsn

__all__ = ["book", "db", "folder", "master", "run", "vault", "vault_dsn"]
