# SPDX-License-Identifier: Apache-2.0
"""The doctor says what is missing, who blocks, and how to mend it."""

import io
from pathlib import Path

import msgspec
import psycopg
import pytest
from rich.console import Console

from fourleaf.app import address, doctor
from fourleaf.app.doctor import Finding, examine, findings
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.postgres.server import Server


def told(settings: Settings, lang: str) -> tuple[int, str]:
    text = io.StringIO()
    code = examine(settings, Speech(lang, Console(file=text, width=300)))
    return code, text.getvalue()


@pytest.fixture
def settings(server: Server) -> Settings:
    return Settings(database_url=server.dsn, data=server.data)


def test_a_machine_that_has_all_gets_0_in_both_languages(settings: Settings) -> None:
    zh, en = told(settings, "zh"), told(settings, "en")

    assert (zh[0], en[0]) == (0, 0)
    assert "数据库可用" in zh[1]
    assert "The database answers" in en[1]


@pytest.mark.postgres
def test_a_foreign_open_write_transaction_is_named_with_pid_user_age_and_query(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "HELD_AFTER_S", 0)
    with psycopg.connect(str(settings.database_url), application_name="stranger") as foreign:
        foreign.execute("create temporary table held (number int)")
        pid = foreign.info.backend_pid

        code, text = told(settings, "en")
        foreign.rollback()

    assert code == 1
    assert f"pid {pid}, fourleaf@fourleaf stranger" in text
    assert "create temporary table held" in text
    assert f"select pg_terminate_backend({pid})" in text
    assert told(settings, "en")[0] == 0


@pytest.mark.postgres
def test_a_transaction_that_only_reads_holds_nobody_back(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "HELD_AFTER_S", 0)
    with psycopg.connect(str(settings.database_url)) as reader:
        reader.execute("select count(*) from pg_class")

        assert told(settings, "en")[0] == 0


def test_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    code, text = told(Settings(database_url=f"postgresql:///x?host={tmp_path}", data=tmp_path), "zh")

    assert code == 1
    assert "数据库无响应" in text


def test_heads_of_seals_that_cannot_be_kept_are_said(settings: Settings, tmp_path: Path) -> None:
    kept, away = tmp_path / "heads.jsonl", tmp_path / "mount" / "heads.jsonl"

    well, ill = (told(msgspec.structs.replace(settings, seals=file), "en") for file in (kept, away))

    assert (well[0], ill[0]) == (0, 1)
    assert "cannot be written to" in ill[1]
    assert not kept.exists()


def test_looking_at_a_new_machine_makes_nothing(data: Path) -> None:
    told(Settings(data=data), "zh")

    assert not data.exists()


def test_data_of_another_version_is_needed_and_missing(data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "PG_VERSION").write_text("9\n")

    found = [finding for finding in findings(Settings(data=data)) if not finding.ok and finding.needed]

    assert any("PostgreSQL 9" in finding.en for finding in found)


def test_a_taken_port_is_a_warning_only(data: Path) -> None:
    settings = Settings(data=data)
    held = address.lease(settings.host, settings.port)
    taken = msgspec.structs.replace(settings, port=held.port)

    finding = next(finding for finding in findings(taken) if "taken" in finding.en)
    held.close()

    assert not finding.ok
    assert not finding.needed


def test_every_missing_thing_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    monkeypatch.setenv("PATH", str(data))
    monkeypatch.setattr(doctor, "NOTO", data)
    monkeypatch.setattr(doctor, "ROOM_GB", 1e9)
    monkeypatch.setattr(doctor, "NEWEST_PYTHON", (3, 1))

    missing: list[Finding] = [finding for finding in findings(Settings(data=data)) if not finding.ok]

    assert {finding.mend_en for finding in missing} >= {"apt install chromium", "apt install fonts-noto-cjk"}
    assert len(missing) >= 4
    assert all(finding.mend_zh and finding.mend_en for finding in missing if "taken" not in finding.en)


@pytest.mark.parametrize(
    ("mode", "said"), [(0o600, "Only its owner reads the token"), (0o640, "chmod 600"), (0o604, "chmod 600")]
)
def test_a_token_of_metrics_that_others_can_read_is_said(
    settings: Settings, tmp_path: Path, mode: int, said: str
) -> None:
    file = tmp_path / "metrics.token"
    file.write_text("f" * 32)
    file.chmod(mode)
    watched = msgspec.structs.replace(settings, metrics_token=file)

    (found,) = [one for one in findings(watched) if "token of metrics" in one.en]

    assert (found.ok, found.needed, said in found.en) == (mode == 0o600, False, True)
    assert "指标令牌" in found.zh
