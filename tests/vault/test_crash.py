# SPDX-License-Identifier: Apache-2.0
"""Killed in the middle of erasing, every person is either whole or gone, and the log says the same."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from fourleaf.postgres.pool import Connection
from fourleaf.vault.master import Master
from fourleaf.vault.persons import Vault

pytestmark = [pytest.mark.postgres, pytest.mark.process]
ROOT = Path(__file__).parents[2]

STATE = """
select p.person, p.erased_at is not null,
  (select count(*) from fourleaf.vault_value v where (v.run, v.person) = (p.run, p.person)),
  (select count(*) from fourleaf_keys.person_key k where (k.run, k.person) = (p.run, p.person)),
  (select count(*) from fourleaf_keys.blind_index i where (i.run, i.person) = (p.run, p.person)),
  (select count(*) from fourleaf.log l where l.run = p.run and l.kind = 'vault.Erased' and l.body->>'person' = p.person)
from fourleaf.vault_person p where p.run = %s
"""
WHOLE, GONE = (False, 2, 1, 1, 0), (True, 0, 0, 0, 1)


async def test_a_killed_erasure_is_done_or_not_begun(
    vault_dsn: str, run: str, vault: Vault, db: Connection, master: Master
) -> None:
    await vault.put(db, {f"p{number}": {"name": "A", "phone": f"1380013{number:04}"} for number in range(100)})

    seen = set[int]()
    for pause_s in (0.0, 0.08, 0.16):
        command = [sys.executable, "-m", "tests.vault.eraser", vault_dsn, run, str(master.path)]
        with subprocess.Popen(
            command, cwd=ROOT, env={"PYTHONPATH": "src:."}, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None and child.stdout.readline() == "ready\n"
            time.sleep(pause_s)
            child.kill()
        await db.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid()"
        )
        rows = await (await db.execute(STATE, [run])).fetchall()
        assert {tuple(row[1:]) for row in rows} <= {WHOLE, GONE}
        seen.add(sum(row[1] for row in rows))

    assert max(seen) > 0
