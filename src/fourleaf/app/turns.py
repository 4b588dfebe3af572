# SPDX-License-Identifier: Apache-2.0
"""Turns: a waiting room where whoever brings many holds up only himself. Pure."""

from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """most: of all together; of_each: of one key. What finds no room is not taken, and those who wait keep their place."""

    def __init__(self, *, most: int, of_each: int) -> None:
        self._most, self._of_each = most, of_each
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, key: str, one: T) -> bool:
        """False: there is no room."""
        mine = self._waiting.get(key)
        if self._count >= self._most or (mine is not None and len(mine) >= self._of_each):
            return False
        self._waiting.setdefault(key, deque()).append(one)
        self._count += 1
        return True

    def take(self, most: int) -> list[T]:
        """The next ones, one of each key in turn; of one key in the order they came."""
        found = list[T]()
        while self._waiting and len(found) < most:
            key, mine = self._waiting.popitem(last=False)
            found.append(mine.popleft())
            if mine:
                self._waiting[key] = mine
        self._count -= len(found)
        return found
