# SPDX-License-Identifier: Apache-2.0
"""Benches run at a tiny size and say what they should; how fast is not for a test to say."""

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from bench import table
from bench.__main__ import NEED_PACK, main, measure, names
from bench.result import Machine, Measured, Report, percentile
from bench.screen import CHROMIUM

# All benches one after the other, browsers among them, beside other tests.
pytestmark = pytest.mark.timeout(900)

BARS = {
    "admission": {500, 50, 5},
    "append_batch": {12_000, 25_000},
    "append_single": {3_000},
    "contended": {None},
    "credential_code": {1},
    "credential_import": {300, 500},
    "instant": {2},
    "map_points": {500, 3, 1.5, 1_000},
    "mqtt_end_to_end": {5_000},
    "page_weight": {1_100, 100, 60, 3, 1},
    "preview": {30, 500},
    "reading_to_wall": {500},
    "rebuild": {60, None},
    "register_page": {150},
    "screens": {500},
    "sign_in": {20, None},
    "tail": {200},
    "telemetry": {40_000},
}


@pytest.fixture(scope="module")
def report() -> Report:
    console = Console(file=io.StringIO())
    wanted = [name for name in names() if name not in NEED_PACK]
    return measure(wanted, scale=0.0005, day="2026-11-22", flavor="auto", console=console)


@pytest.mark.postgres
@pytest.mark.process
def test_every_bench_measures_something_beside_its_floor(report: Report) -> None:
    found = {name: {one.bar for one in report.measured if one.bench == name} for name in BARS}
    unseen = set() if CHROMIUM.exists() else {"map_points", "page_weight"}

    assert {one.bench for one in report.skipped} == unseen
    assert found == {name: set() if name in unseen else bars for name, bars in BARS.items()}
    assert all(one.value > 0 and one.limited_by for one in report.measured)
    assert all(one.floor and one.floor_is and one.ratio for one in report.measured if one.bar)


@pytest.mark.postgres
@pytest.mark.process
def test_a_report_survives_its_file_and_becomes_a_table(
    report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bench.json"
    file.write_bytes(msgspec.json.encode(report))

    code = main(["--markdown", str(file)])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert len(lines) == 2 + len(report.measured)
    assert {line.count(" | ") for line in lines if "---" not in line} == {len(table.HEAD) - 1}


def test_every_bench_is_known() -> None:
    assert set(names()) == BARS.keys() | NEED_PACK


@pytest.mark.parametrize(
    ("better", "value", "floor", "ratio", "held"),
    [("high", 50.0, 100.0, 2.0, False), ("low", 50.0, 25.0, 2.0, True), ("low", 80.0, None, None, False)],
)
def test_ratio_and_bar_go_by_the_better_way(
    better: str, value: float, floor: float | None, ratio: float | None, held: bool
) -> None:
    one = msgspec.convert(
        {"bench": "b", "what": "w", "unit": "s", "better": better, "value": value, "floor": floor, "bar": 60}, Measured
    )

    assert (one.ratio, one.held) == (ratio, held)


def test_percentile_is_a_value_that_was_measured() -> None:
    assert [percentile([3.0, 1.0, 2.0, 4.0], share) for share in (0.0, 0.5, 0.99)] == [1.0, 3.0, 4.0]
    assert percentile([], 0.99) == 0.0


def test_the_machine_is_told() -> None:
    here = Machine(cores=2, cpu="x", memory_gb=4.0, python="3.11", postgresql="18", load=0.1)
    report = Report(date="2026-11-22", scale=1.0, machine=here, measured=[])
    out = io.StringIO()

    table.show(report, Console(file=out, width=200))

    assert "2 cores of x, 4.0 GB; Python 3.11, PostgreSQL 18; 2026-11-22" in out.getvalue()
