# SPDX-License-Identifier: Apache-2.0
"""Act: send what the plan holds when the run's clock reaches it, each attempt once however often it is asked."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

import numpy as np

from rehearsal.client import Client, Reading, Rejected, Unusable
from rehearsal.doors import Doors, HttpDoors
from rehearsal.plan import IN, OUT, DayPlan
from rehearsal.progress import Ledger, Outbox, Progress
from rehearsal.reports import Reports

# Together the sixteen requests at most under way. A holder or door keeps to one line, so its order in time is kept.
# A retry holds up only its own line.
PASSAGE_LINES = 12
REPORT_LINES = 4
# Of at most five minutes each: the server takes 500 counts in one request.
ROWS_AT_ONCE = 100
POLL_S = 0.25
# Word that a lane is closed goes round for five minutes of the fair; then somebody tries it again.
CLOSED = "admission.gate-closed"
SHUT_S = 300
LOG_S = 10.0
SAVE_S = 1.0
# The run's clock slows for who is behind, and for who falls silent for three seconds.
TELL_S = 1.0

Line = asyncio.Queue[int]


@dataclass(slots=True)
class Tally:
    """What came of it, in this process."""

    sent: int = 0
    entered: int = 0
    left: int = 0
    turned_away: int = 0
    at_closed_gate: int = 0
    unexpected: int = 0
    rejected: int = 0
    reports: int = 0
    door_rows: int = 0
    duplicates: int = 0
    codes: dict[str, int] = field(default_factory=dict)


class Actor:
    """One rehearsed day against one run."""

    def __init__(
        self,
        client: Client,
        plan: DayPlan,
        reports: Reports,
        tokens: Mapping[str, Mapping[str, str]],
        ledger: Ledger,
        *,
        doors: Doors | None = None,
        until: int | None = None,
        clock: Callable[[], Awaitable[Reading]] | None = None,
    ) -> None:
        """Take up the plan where the ledger says; ``until`` (second of the day) ends it early."""
        self.tally = Tally()
        self._client, self._plan, self._reports, self._ledger = client, plan, reports, ledger
        self._clock = clock or client.clock
        self._until = until
        self._lane_tokens = [tokens["lanes"][lane] for lane in plan.venue.lanes]
        self._shut_until = np.zeros(len(plan.venue.lanes), dtype=np.int32)
        self._gate_of_lane = np.repeat(np.arange(len(plan.venue.gates)), [len(g.lanes) for g in plan.venue.gates])
        self._doors = doors or HttpDoors(client, [tokens["doors"][door] for door in plan.venue.doors])
        before = ledger.read()
        self._passages = Outbox(plan.passages.at, before.passages)
        self._posts = Outbox(reports.due, before.reports)
        self._now = plan.hours.gates_open
        self._state = "starting"
        self._heard = True

    async def run(self) -> dict[str, Any]:
        """Act until the run is finished or the plan is done; return the summary.

        A cancelled actor has saved its progress.
        Raises: Unusable when the run or a token is wrong.
        """
        passing: list[Line] = [asyncio.Queue() for _ in range(PASSAGE_LINES)]
        posting: list[Line] = [asyncio.Queue() for _ in range(REPORT_LINES)]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._work(line, self._passages, self._pass)) for line in passing]
                tasks += [group.create_task(self._work(line, self._posts, self._post)) for line in posting]
                await self._follow_clock(passing, posting)
                for line in (*passing, *posting):
                    await line.join()
                await self._tell(None)
                for task in tasks:
                    task.cancel()
        except* Unusable as group:
            raise group.exceptions[0] from None
        finally:
            self._save()
        kept = await self._doors.kept(self.tally.door_rows)
        return self.summary() | ({} if kept is None else {"door_rows_kept": kept})

    def summary(self) -> dict[str, Any]:
        """Everything that was counted, for one line of JSON.

        planned, answered: attempts at lanes of the whole day, those of an earlier start included. door_rows: minutes that
        doors have told and the server took; door_rows_kept: those that it has of the whole run, when doors speak MQTT.
        """
        times = np.array(self._client.answer_ms)
        p50, p99 = np.percentile(times, (50, 99)) if len(times) else (0.0, 0.0)
        waiting = self._passages.released - self._passages.done + self._posts.released - self._posts.done
        return {
            "state": self._state,
            "at": self._moment(self._now).isoformat(),
            **{name: getattr(self.tally, name) for name in Tally.__slots__},
            "waiting": waiting,
            "planned": len(self._plan.passages),
            "answered": self._passages.done,
            "retries": self._client.retries,
            "p50_ms": round(float(p50), 1),
            "p99_ms": round(float(p99), 1),
        }

    async def _follow_clock(self, passing: list[Line], posting: list[Line]) -> None:
        logged = saved = told = monotonic()
        while True:
            reading, wall = await self._clock(), monotonic()
            self._state, self._now = reading.state, self._second(reading.now)
            waiting = self._waiting(wall)
            due = self._now if self._until is None else min(self._now, self._until)
            for row in self._passages.release(due, wall):
                passing[int(self._plan.passages.person[row]) % PASSAGE_LINES].put_nowait(row)
            for row in self._posts.release(due, wall):
                posting[int(self._reports.door[row]) % REPORT_LINES].put_nowait(row)
            if reading.state == "finished" or self._is_over(due):
                return
            if wall - told >= TELL_S:
                await self._tell(waiting)
                told = wall
            if wall - saved >= SAVE_S:
                self._save()
                saved = wall
            if wall - logged >= LOG_S:
                say("info", "progress", speed_reached=reading.speed_reached, waiting_s=waiting, **self.summary())
                logged = wall
            await asyncio.sleep(POLL_S)

    def _waiting(self, wall: float) -> float:
        return round(max(self._passages.waiting(wall), self._posts.waiting(wall)), 3)

    async def _tell(self, waiting: float | None) -> None:
        heard = await self._client.tell_backlog(self._lane_tokens[0], waiting)
        if self._heard and not heard:
            say("warning", "the server does not take the backlog, so its clock cannot wait for us")
        self._heard = heard

    def _is_over(self, due: int) -> bool:
        if self._until is not None and due >= self._until:
            return True
        return self._passages.finished and self._posts.finished

    async def _work(self, line: Line, outbox: Outbox, act: Callable[[int], Awaitable[Sequence[int]]]) -> None:
        while not _is_cancelled():
            row = await line.get()
            if not outbox.is_acknowledged(row):
                try:
                    answered = await act(row)
                except Rejected as refused:
                    self._note(refused)
                    answered = (row,)
                for one in answered:
                    outbox.acknowledge(one)
            line.task_done()

    async def _pass(self, row: int) -> Sequence[int]:
        """Go to the planned lane; where it is closed, to the next gate, until every gate was tried."""
        passages = self._plan.passages
        turn, at = int(passages.turn[row]), int(passages.at[row])
        for walk, lane in enumerate(self._lanes_to_try(row)):
            answer = await self._client.pass_lane(
                self._lane_tokens[lane],
                {
                    "request_id": self._plan.request_id(row, walk),
                    "holder": self._plan.holder(row),
                    "direction": "out" if turn == OUT else "in",
                    "occurred_at": self._moment(at).isoformat(),
                },
            )
            self.tally.turned_away += answer["decision"] == "turned_away"
            if answer.get("code") != CLOSED:
                break
            self._shut_until[lane] = at + SHUT_S
            self.tally.at_closed_gate += 1
        self._count(answer["decision"], turn)
        return (row,)

    def _lanes_to_try(self, row: int) -> Iterator[int]:
        """The planned lane unless it is known to be closed, then one lane of each other gate."""
        passages, gate_of = self._plan.passages, self._gate_of_lane
        lane, person, at = int(passages.lane[row]), int(passages.person[row]), int(passages.at[row])
        untried = np.ones(len(gate_of), dtype=np.bool_)
        all_closed = bool((self._shut_until > at).all())
        if passages.turn[row] == OUT or all_closed or self._shut_until[lane] <= at:
            yield lane
            untried &= gate_of != gate_of[lane]
        while len(others := np.flatnonzero(untried & (self._shut_until <= at))):
            lane = int(others[person % len(others)])
            yield lane
            untried &= gate_of != gate_of[lane]

    def _count(self, decision: str, turn: int) -> None:
        tally = self.tally
        tally.sent += 1
        tally.entered += decision == "entered"
        tally.left += decision == "left"
        planned = {IN: "entered", OUT: "left"}.get(turn, "turned_away")
        tally.unexpected += decision != planned

    async def _post(self, row: int) -> Sequence[int]:
        """Post what is due of this row's door at once: a door that fell behind catches up in one request."""
        door = int(self._reports.door[row])
        mine = np.flatnonzero(self._reports.door[row : self._posts.released] == door) + row
        rows: list[int] = mine[:ROWS_AT_ONCE].tolist()
        counts = [
            {
                "minute": self._moment(self._plan.hours.gates_open + minute * 60).isoformat(),
                "in": int(self._plan.door_in[door, minute]),
                "out": int(self._plan.door_out[door, minute]),
            }
            for minute in range(int(self._reports.start[row]), int(self._reports.stop[rows[-1]]))
        ]
        # Minutes since 1970: rises with each post of a door and is the same when the post is made again.
        sequence = int(self._moment(int(self._reports.due[rows[-1]])).timestamp()) // 60
        accepted, duplicates = await self._doors.report(door, sequence, counts)
        self.tally.reports += 1
        self.tally.door_rows += accepted
        self.tally.duplicates += duplicates
        return rows

    def _note(self, refused: Rejected) -> None:
        self.tally.rejected += 1
        first = refused.code not in self.tally.codes
        self.tally.codes[refused.code] = self.tally.codes.get(refused.code, 0) + 1
        if first:
            say("error", "rejected", status=refused.status, code=refused.code)

    def _save(self) -> None:
        progress = Progress(passages=self._passages.done, reports=self._posts.done)
        self._ledger.write(progress, self._moment(self._now).isoformat())

    def _moment(self, second: int) -> datetime:
        return self._plan.moment(second)

    def _second(self, now: datetime) -> int:
        return int((now - self._moment(0)).total_seconds())


def _is_cancelled() -> bool:
    """Whether this task was told to end. `asyncio.wait_for`, on which MQTT waits for its broker, loses a cancellation that comes
    in the moment its wait is over (Python 3.11, bpo-42130)."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def say(level: str, event: str, **words: object) -> None:
    """Write one JSON line to the error stream."""
    sys.stderr.write(json.dumps({"level": level, "event": event, **words}, ensure_ascii=False) + "\n")
    sys.stderr.flush()
