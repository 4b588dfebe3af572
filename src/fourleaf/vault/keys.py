# SPDX-License-Identifier: Apache-2.0
"""Keys: made ready at the start and wrapped anew when the master key rotates."""

from fourleaf.vault import crypt, key_store
from fourleaf.vault.master import Key, KeyTrouble, Master
from fourleaf.vault.store import Connection

# Each commit stays far below a second, so that no tail is held back.
KEYS_A_COMMIT = 500
_LOCK = 4_104_106


async def ready(connection: Connection, master: Master) -> None:
    """Make sure that new keys can be wrapped: a first start makes the file, a later one finds the key it knows.

    After a restore without keys nothing is chosen: `restored` brings them back, or `give_up` starts anew.
    Raises: KeyTrouble
    """
    id = await key_store.current_master(connection)
    if id is not None:
        master.of(id)
        return
    if await key_store.anybody(connection):
        return
    master.make()
    await key_store.set_master(connection, master.keys()[0].id)


async def rotate(connection: Connection, master: Master) -> int:
    """Wrap every key anew under a fresh master key. Gives how many. A rotation that was cut short is finished.

    Method: the file holds both keys until no row is left that needs the old one; nobody has to stop writing.
    Raises: KeyTrouble
    """
    cursor = await connection.execute("select pg_try_advisory_lock(%s)", [_LOCK])
    row = await cursor.fetchone()
    if not row or not row[0]:
        raise KeyTrouble(zh="另一个轮换正在进行，请稍后再试。", en="Another rotation goes on. Try again later.")
    try:
        return await _rotate(connection, master)
    finally:
        await connection.execute("select pg_advisory_unlock(%s)", [_LOCK])


async def _rotate(connection: Connection, master: Master) -> int:
    await ready(connection, master)
    id = await key_store.current_master(connection)
    if id is None:
        raise KeyTrouble(
            zh="密钥尚未恢复。请先执行 fourleaf vault restore-keys。",
            en="The keys were not brought back yet. First: fourleaf vault restore-keys",
        )
    keys = master.keys(again=True)
    if len(keys) == 1:
        keys = (Key(crypt.fresh_key()), *keys)
        master.write(*keys)
    await key_store.set_master(connection, keys[0].id)
    count = 0
    while some := await _wrap_some(connection, master, keys[0]):
        count += some
    master.write(keys[0])
    return count


async def _wrap_some(connection: Connection, master: Master, fresh: Key) -> int:
    async with connection.transaction():
        rows = await key_store.wrapped_otherwise(connection, fresh.id, KEYS_A_COMMIT)
        again = []
        for run, person, id, wrapped in rows:
            place = ("root", run) if person is None else ("key", run, person)
            key = crypt.unseal(master.of(id).key, wrapped, place)
            again.append((run, person, crypt.seal(fresh.key, key, place)))
        await key_store.rewrap(connection, fresh.id, again)
    return len(rows)


async def give_up(connection: Connection, master: Master) -> int:
    """Start anew where the keys are lost for good: whoever has none is erased. Gives how many.

    Raises: KeyTrouble when keys are there.
    """
    if await key_store.current_master(connection) is not None:
        raise KeyTrouble(zh="密钥仍在，没有可放弃的数据。", en="The keys are there; nothing has to be given up.")
    async with connection.transaction():
        gone = await key_store.forget_keyless(connection)
        master.make()
        await key_store.set_master(connection, master.keys()[0].id)
    return gone
