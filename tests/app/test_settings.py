# SPDX-License-Identifier: Apache-2.0
"""Settings are checked once, at the door."""

from pathlib import Path

import pytest

from fourleaf.app.settings import Settings, default_data
from fourleaf.app.variables import BadSetting


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.read({})

    assert settings == Settings(data=default_data())
    assert (settings.host, settings.port, settings.web_workers, settings.pg) == ("127.0.0.1", 8000, 1, "auto")


def test_the_environment_of_a_child_reads_back_as_the_same_settings(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("f" * 32)
    settings = Settings(
        database_url="postgresql://x/y",
        data=Path("/srv/x"),
        host="::1",
        port=9,
        web_workers=3,
        pg="system-15",
        nats_url="nats://broker.example:4222",
        mqtt_host="0.0.0.0",
        mqtt_port=8883,
        mqtt_cert=Path("/etc/hostname"),
        mqtt_key=Path("/etc/hosts"),
        seals=Path("/mnt/seals.jsonl"),
        feed_hosts=("data.example", "counts.example:8443"),
        feed_private=("10.2.0.0/16", "::1/128"),
        proxies=("10.2.0.5/32", "fd00::/8"),
        session_streams=3,
        address_streams=40,
        metrics_token=tmp_path / "token",
        card_idle_s=600,
    )

    assert Settings.read(settings.environment()) == settings


def test_the_default_data_folder_is_outside_of_the_clone() -> None:
    assert not default_data().is_relative_to(Path(__file__).parents[2])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FOURLEAF_PORT", "0"),
        ("FOURLEAF_NATS_URL", "broker.example:4222"),
        ("FOURLEAF_NATS_URL", "http://broker.example"),
        ("FOURLEAF_MQTT_PORT", "mqtt"),
        ("FOURLEAF_MQTT_CERT", "/no/such/file"),
        ("FOURLEAF_PORT", "65536"),
        ("FOURLEAF_PORT", "8000 "),
        ("FOURLEAF_PORT", "٨٠٠٠"),
        ("FOURLEAF_WEB_WORKERS", "-1"),
        ("FOURLEAF_PG", "sqlite"),
        ("FOURLEAF_PG", "system-"),
        ("FOURLEAF_PROXIES", "proxy.example"),
        ("FOURLEAF_PROXIES", "10.0.0.1/8"),
        ("FOURLEAF_FEED_HOSTS", "https://data.example/a"),
        ("FOURLEAF_FEED_HOSTS", "data.example;other.example"),
        ("FOURLEAF_FEED_PRIVATE", "10.2.0.1/16"),
        ("FOURLEAF_FEED_PRIVATE", "intranet"),
        ("FOURLEAF_METRICS_TOKEN", "/no/such/file"),
        ("FOURLEAF_CARD_IDLE_S", "60"),
        ("FOURLEAF_SEALS", "/"),
        ("FOURLEAF_SEALS", str(default_data() / "seals.jsonl")),
    ],
)
def test_a_setting_that_cannot_be_right_is_named_in_both_languages(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as refused:
        Settings.read({name: value})

    assert refused.value.name == name
    assert refused.value.zh
    assert refused.value.en


@pytest.mark.parametrize("text", ["", " \n", "short"])
def test_a_token_that_can_be_guessed_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "token"
    file.write_text(text)

    with pytest.raises(BadSetting) as refused:
        Settings.read({"FOURLEAF_METRICS_TOKEN": str(file)})

    assert refused.value.name == "FOURLEAF_METRICS_TOKEN"
