# SPDX-License-Identifier: Apache-2.0
"""Command line: rehearse one day of one run, from its clock, venue and tokens."""

import argparse
import asyncio
import errno
import json
import signal
import sys
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rehearsal import parameters as p
from rehearsal.act import Actor, say
from rehearsal.client import Client, Reading, Unusable
from rehearsal.doors import open_doors
from rehearsal.feeds import declared, deliver, read_samples
from rehearsal.lanes import Beats, Telemetry, open_lanes
from rehearsal.plan import DayPlan, plan_day
from rehearsal.population import Hours
from rehearsal.progress import Ledger
from rehearsal.reports import minutes_per_report, plan_reports
from rehearsal.venue import Venue, read_venue
from rehearsal.ways import Dropped, Pushed, Served, Signed, Way

# By half past three everyone who went out for lunch is back, so a day can be closed.
EARLIEST_CLOSING = 15 * 3600 + 1800

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

Tokens = Mapping[str, Mapping[str, str]]


def main(arguments: list[str] | None = None) -> int:
    """Rehearse; return 0 when all was sent, 2 when nothing can be sent, 3 when something was refused for good.

    Python itself ends with 1 when it crashes: then starting again may help, and nothing is doubled.
    """
    options = _parser().parse_args(arguments)
    try:
        tokens: Tokens = json.loads(options.tokens.read_text("utf-8"))
        summary = asyncio.run(_rehearse(options, tokens))
    except (Unusable, OSError, ValueError, KeyError) as error:
        if not is_hopeless(error):
            raise
        say("error", "unusable", detail=f"{type(error).__name__}: {error}")
        return 2
    except asyncio.CancelledError:
        return 0
    sys.stdout.write(json.dumps(summary) + "\n")
    return 3 if summary["rejected"] else 0


def is_hopeless(error: Exception) -> bool:
    """Whether starting again cannot help. Room on a full disk may be made meanwhile."""
    return not (isinstance(error, OSError) and error.errno == errno.ENOSPC)


def hours_for(reading: Reading, day: date) -> Hours:
    """The day's hours: closing is the run's end if that lies late enough on the day, else as assumed.

    A run that ends in mid-day is cut short, not squeezed: its visitors keep their day.
    """
    usual = Hours()
    if reading.ends_at is None:
        return usual
    second = int((reading.ends_at - datetime.combine(day, time(), p.ZONE)).total_seconds())
    if not EARLIEST_CLOSING <= second < 24 * 3600:
        return usual
    return Hours(last_entry=min(usual.last_entry, second - 3600), closes=second)


async def _rehearse(options: argparse.Namespace, tokens: Tokens) -> dict[str, Any]:
    _stop_on_signals()
    async with Client(options.url, options.run) as client:
        reading = await client.clock()
        document = await client.venue()
        venue = read_venue(document).only(lanes=tokens["lanes"], doors=tokens["doors"])
        hours = hours_for(reading, options.day)
        plan = plan_day(
            venue, options.day, seed=options.seed, sample=options.sample, entries=options.entries, hours=hours
        )
        every = minutes_per_report(reading.speed)
        ledger = Ledger(
            options.tokens.with_name(options.tokens.name + ".progress"),
            _fingerprint(options, plan, every, str(document["hash"])),
        )
        reports = plan_reports(plan, every)
        say("info", "planned", run=options.run, persons=plan.persons, attempts=len(plan.passages))
        doors = await open_doors(
            client, venue.doors, tokens, options.tokens.with_name(options.tokens.name + ".secrets")
        )
        actor = Actor(client, plan, reports, tokens, ledger, doors=doors, until=_until(options.until))
        beside = [
            asyncio.create_task(_deliver(options, client, tokens)),
            asyncio.create_task(_beat(client, plan, tokens)),
        ]
        try:
            summary = await actor.run()
        except asyncio.CancelledError:
            summary = actor.summary() | {"state": "stopped"}
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await doors.close()
        return {"event": "summary", "run": options.run, **summary}


async def _beat(client: Client, plan: DayPlan, tokens: Tokens) -> None:
    """Lanes say that they are alive, as long as the rehearsal goes on."""
    lanes = await open_lanes(client, plan.venue.lanes, tokens)
    await Beats(lanes, Telemetry(plan), plan.hours.gates_open).work(client.clock)


async def _deliver(options: argparse.Namespace, client: Client, tokens: Tokens) -> int:
    """What other bodies would send, each in its way, where the folder of the edition is known."""
    feeds = declared(options.edition) if options.edition else {}
    folder = options.feeds / options.run if options.feeds else None
    urls = {name: str(one["url"]) for name, one in feeds.items() if one["way"] == "pull" and _is_ours(str(one["url"]))}
    served = Served(urls | dict(tokens.get("feed_urls", {})))
    ways: dict[str, Way] = {name: Pushed(client, token) for name, token in tokens.get("feeds", {}).items()}
    for name, one in feeds.items():
        if name in urls:
            ways[name] = served
        elif one["way"] == "folder" and folder:
            ways[name] = Dropped(folder)
        elif one["way"] == "one-way" and folder and name in tokens.get("feed_keys", {}):
            counters = options.tokens.with_name(options.tokens.name + ".counters")
            ways[name] = Signed(folder, tokens["feed_keys"][name], counters)
    samples = read_samples(options.edition, ways, options.day) if feeds else []
    await served.open()
    try:
        return await deliver(samples, ways, client.clock)
    finally:
        await served.close()


def _is_ours(url: str) -> bool:
    """Whether a feed is asked for on this machine: there a rehearsal answers."""
    return urlsplit(url).hostname in LOOPBACK


def _fingerprint(options: argparse.Namespace, plan: DayPlan, every: int, venue_hash: str) -> dict[str, Any]:
    """All that decides what the rows of the plan are: only then a row number of an earlier start means the same."""
    venue: Venue = plan.venue
    return {
        "run": options.run,
        "day": plan.day.isoformat(),
        "seed": plan.seed,
        "sample": plan.sample,
        "entries": plan.entries,
        "closes": plan.hours.closes,
        "minutes_per_report": every,
        "venue": venue_hash,
        "lanes": len(venue.lanes),
        "doors": len(venue.doors),
    }


def _until(text: str | None) -> int | None:
    if text is None:
        return None
    moment = time.fromisoformat(text)
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _stop_on_signals() -> None:
    """Let Ctrl-C and the supervisor end the rehearsal as a cancellation, so that progress is saved."""
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rehearsal", description="Act a day of the fair against a run of Fourleaf.")
    parser.add_argument("--url", required=True, help="address of the server, http://127.0.0.1:8000")
    parser.add_argument("--run", required=True, help="the rehearsal run, ciie-7.r1")
    parser.add_argument("--tokens", required=True, type=Path, help="JSON file of lane and door tokens")
    parser.add_argument("--seed", type=int, default=7, help="same seed, same day (7)")
    parser.add_argument("--sample", type=float, default=0.1, help="share of the persons that are acted (0.1)")
    parser.add_argument("--day", type=date.fromisoformat, default=p.OPENING_DAY, help="day of the fair (2024-11-05)")
    parser.add_argument("--entries", type=int, help="entries of the full day, instead of the planned ones")
    parser.add_argument("--edition", type=Path, help="folder of the edition, for the recorded samples of its feeds")
    parser.add_argument("--feeds", type=Path, help="folder that the server takes files of feeds from")
    parser.add_argument("--until", help="stop at this time of the day, 09:00")
    return parser


if __name__ == "__main__":
    sys.exit(main())
