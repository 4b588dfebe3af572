# SPDX-License-Identifier: Apache-2.0
"""Table: a report on the terminal, and as the table of docs/performance.md."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from bench.result import Measured, Report

HEAD = ("what", "bar", "measured", "floor", "ratio", "held", "what limits it")


def show(report: Report, console: Console) -> None:
    machine = report.machine
    console.print(
        f"{machine.cores} cores of {machine.cpu}, {machine.memory_gb} GB; Python {machine.python}, PostgreSQL"
        f" {machine.postgresql}; {report.date}; scale {report.scale:g}; load before {machine.load}"
    )
    table = Table(*HEAD)
    for one in report.measured:
        table.add_row(*cells(one))
    console.print(table)
    for skipped in report.skipped:
        console.print(f"[yellow]{skipped.bench}: not measured, {skipped.why}[/]")


def cells(one: Measured) -> tuple[str, ...]:
    sign = "≥" if one.better == "high" else "≤"
    return (
        one.what,
        "-" if one.bar is None else f"{sign} {number(one.bar)} {one.unit}",
        f"{number(one.value)} {one.unit}" + (" (projected)" if one.projected else ""),
        "-" if one.floor is None else f"{number(one.floor)} {one.unit}: {one.floor_is}",
        "-" if one.ratio is None else f"{one.ratio:.1f}x",
        {True: "yes", False: "**no**", None: "-"}[one.held],
        one.limited_by,
    )


def markdown(reports: Iterable[Report]) -> str:
    """The rows of docs/performance.md, best read beside the machine's line."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines += ["| " + " | ".join(cells(one)) + " |" for report in reports for one in report.measured]
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """Three figures that matter, thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
