# SPDX-License-Identifier: Apache-2.0
"""A backup restored into a fresh cluster has the same log, verifies, and tails on in a new epoch."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fourleaf.postgres import backup, log, runs, seals, tail
from fourleaf.postgres.append import append
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import connect
from fourleaf.postgres.server import Server, start
from tests.postgres.conftest import make_run
from tests.postgres.tally import COLORS, KINDS, Tally, bumped

pytestmark = [pytest.mark.postgres, pytest.mark.process]


@pytest.fixture
def fresh() -> Iterator[tuple[Server, Path]]:
    """Two more clusters' worth of room: one to back up, one to restore into."""
    folder = Path(tempfile.mkdtemp(prefix="fl-test-"))
    folder.chmod(0o711)
    running = start(folder / "one", flavor=os.environ.get("FOURLEAF_PG") or "auto")
    yield running, folder
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def test_a_restore_into_a_fresh_cluster_tails_on(fresh: tuple[Server, Path], tmp_path: Path) -> None:
    source, folder = fresh
    async with connect(source.dsn) as connection:
        await migrate(connection)
        await connection.execute(
            "select nextval('fourleaf.log_seq') from generate_series(1, 1000)"
        )  # ahead of the new cluster
        await make_run(connection, "test.r1")
    async with connect(source.dsn, "test.r1") as db:
        for version in range(20):
            await append(db, bumped("test.r1", Tally(name="a", version=version, value=version), request=f"r{version}"))
        await tail.step(db, KINDS, "test.r1", [COLORS], limit=15)
        await seals.seal(db, "test.r1")
    file = tmp_path / "backup"
    await backup.write(source.dsn, file, source.data)

    target = start(folder / "two", flavor=os.environ.get("FOURLEAF_PG") or "auto")
    try:
        epoch = await backup.restore(target.dsn, file, target.data)
        async with connect(target.dsn, "test.r1") as db:
            await append(db, bumped("test.r1", Tally(name="a", version=20, value=20)))
            folded, _ = await tail.step(db, KINDS, "test.r1", [COLORS])
            colors = await (await db.execute("select bumps from tally_color")).fetchone()
            verified = await seals.verify(db, "test.r1")
            facts = await log.stream(db, KINDS, "test.r1", "tally:a")
            assert await seals.seal(db, "test.r1") == 1
            with pytest.raises(backup.BackupFailed):
                await backup.restore(target.dsn, file, target.data)
            assert len(await runs.listed(db)) == 1
    finally:
        target.stop()

    assert epoch == 2
    assert len(folded) == 6
    assert colors == (21,)
    assert (verified.facts, verified.broken) == (21, None)
    assert [fact.position.epoch for fact in facts if fact.position] == [1] * 20 + [2]
    assert file.stat().st_mode & 0o777 == 0o600
