# SPDX-License-Identifier: Apache-2.0
"""`python -m bench`: measure the bars, print a table, write JSON."""

import argparse
import asyncio
import pkgutil
import sys
import traceback
from collections.abc import Sequence
from datetime import date
from importlib import import_module
from pathlib import Path

import msgspec
from rich.console import Console

from bench import bars, table
from bench.ground import Ground, opened
from bench.outside import PACK
from bench.result import Measured, Report, Skipped, Skipping, machine

RESULT = Path(__file__).parent / "results" / "bench.json"
# These start the whole system, and so need the whole pack.
NEED_PACK = frozenset({"first_page", "memory"})


def names() -> list[str]:
    """Every bench there is."""
    return sorted(module.name for module in pkgutil.iter_modules(bars.__path__))


def measure(wanted: Sequence[str], *, scale: float, day: str, flavor: str, console: Console) -> Report:
    """Run the benches one after the other on one server of their own."""
    measured, skipped = list[Measured](), list[Skipped]()
    with opened(scale, flavor) as ground:
        here = machine(f"{ground.server.version} ({ground.server.flavor})")
        for name in wanted:
            console.print(f"[dim]{name} …[/]")
            found = _one(name, ground)
            if isinstance(found, Skipped):
                skipped.append(found)
            else:
                measured += found
    return Report(date=day, scale=scale, machine=here, measured=measured, skipped=skipped)


def _one(name: str, ground: Ground) -> list[Measured] | Skipped:
    if name in NEED_PACK and not (PACK / "edition.toml").exists():
        return Skipped(bench=name, why=f"{PACK} is not whole")
    try:
        found: list[Measured] = asyncio.run(import_module(f"bench.bars.{name}").measure(ground))
    except Skipping as missing:
        return Skipped(bench=name, why=str(missing))
    except Exception as error:  # one bench that breaks must not take the others' figures with it
        traceback.print_exc()
        return Skipped(bench=name, why=f"{type(error).__name__}: {error}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the bars of docs/performance.md.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names())}; all without")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full sizes")
    parser.add_argument("--json", type=Path, default=RESULT, help="file to write")
    parser.add_argument("--date", default=date.today().isoformat(), help="date to write")
    parser.add_argument("--pg", default="auto", help="auto, embedded or system")
    parser.add_argument("--markdown", nargs="+", type=Path, metavar="FILE", help="print earlier JSON as a table")
    given = parser.parse_args(arguments)
    if given.markdown:
        reports = [msgspec.json.decode(file.read_bytes(), type=Report) for file in given.markdown]
        sys.stdout.write(table.markdown(reports))
        return 0
    unknown = set(given.names) - set(names())
    if unknown:
        parser.error(f"no such bench: {', '.join(sorted(unknown))}")
    console = Console()
    if not console.is_terminal:  # a file or a log has no width of its own
        console.width = 200
    wanted = given.names or names()
    report = measure(wanted, scale=given.scale, day=given.date, flavor=given.pg, console=console)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2))
    table.show(report, console)
    return 1 if report.skipped else 0


if __name__ == "__main__":
    sys.exit(main())
