# SPDX-License-Identifier: Apache-2.0
"""Passwords: Argon2id at its recommended cost, in a few threads of low priority, so that sign-in starves nobody."""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from argon2 import Parameters, PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from fourleaf.kernel.refusal import Refusal
from fourleaf.ui.answers import Refused

T = TypeVar("T")
# The first of the equal choices that OWASP's password storage cheat sheet recommends (19 MiB, two passes, one lane).
# RFC 9106 knows a dearer one (64 MiB, three passes, four lanes): two cores then sign in four people a second, and on the
# morning of an opening three hundred stand before the desk.
COST = Parameters(
    type=Type.ID, version=ARGON2_VERSION, salt_len=16, hash_len=32, time_cost=2, memory_cost=19_456, parallelism=1
)
THREADS = 2
# More waiting than this would be answered when nobody listens any more.
MOST_WAITING = 60


class Passwords:
    """Hashes and checks. Nothing of a password is kept, told or logged."""

    def __init__(self, threads: int = THREADS, cost: Parameters = COST) -> None:
        self._hasher = PasswordHasher.from_parameters(cost)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="password", initializer=_step_back)
        self._waiting = 0
        # What an account is checked against that is not there: as dear as the real thing.
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(password))

    async def right(self, encoded: str | None, password: str) -> bool:
        """None for an account without a password, or none at all: takes as long and is wrong."""
        if self._nobody is None:
            self._nobody = await self.hash(os.urandom(32).hex())
        against = encoded or self._nobody
        found = await self._run(lambda: self._check(against, password))
        return found and encoded is not None

    def _check(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Refused(Refusal("request.later"), 503)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _step_back() -> None:
    """On Linux priority belongs to a thread, and the lanes of Argon2 inherit it."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
